import { z } from 'zod';
import { emojiOf, reactionForm } from '../text/emoji.js';
import { distinctTags } from '../text/tags.js';
import { isBlank, misleads } from '../text/visible.js';

/** Bounds that both sides know. Sizes are in UTF-16 units unless they say bytes. */
export const bounds = {
  content: 10_000,
  title: 200,
  name: 100,
  description: 2_000,
  bio: 1_000,
  tags: 10,
  tag: 32,
  attachments: 10,
  emoji: 32,
  reactionsPerMessage: 20,
  reactorsPerEmoji: 1_000,
  mentions: 100,
  nonce: 64,
  query: 200,
  page: 100,
  unreadCounted: 1_000,
  pageDefault: 50,
  url: 2_048,
  presenceText: 140,
  /** Of a community, everyone's among them. */
  roles: 100,
  roleName: 50,
  /** That a member may be in: each of them is told of what changes about the member. Imports are not bound by it. */
  communities: 200,
  passwordMin: 8,
  passwordMax: 256,
  /** A socket frame or a REST body, in bytes. */
  frameBytes: 1_000_000,
  /** Nesting of any JSON that a client sends. */
  depth: 16,
  /** A typing mark ends by itself after so many ms. */
  typingMs: 8_000,
  /** Messages in one answer of join_thread and sync_thread. */
  syncPage: 200,
} as const;

/** Text that people see: well-formed Unicode, no control characters but tab and line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
/** What is blank where it must not be is told so, and no more. */
const refuseMisleading =
  (min: 0 | 1, looked = (text: string): string => text) =>
  (text: string, { addIssue }: z.RefinementCtx): void => {
    const why = min === 1 && isBlank(text) ? null : misleads(looked(text));
    if (why) addIssue({ code: 'custom', message: why });
  };
const wellFormed = (text: string): boolean => !/[\ud800-\udbff](?![\udc00-\udfff])|(?:[^\ud800-\udbff]|^)[\udc00-\udfff]/.test(text);
/** Where it may be empty, what shows nothing is. */
const seen = (string: z.ZodString, min: 0 | 1, max: number) =>
  string
    .max(max)
    .overwrite((s) => (min === 0 && isBlank(s) ? '' : s))
    .refine((s) => min === 0 || !isBlank(s), { message: 'must not be empty or blank' })
    .refine(wellFormed, { message: 'must be well-formed Unicode' })
    .refine((s) => !unprintable.test(s), { message: 'must not contain control characters' });
export const text = (min: 0 | 1, max: number) => seen(z.string(), min, max);

/** One line, without blanks around it and without characters by which one name can pose as another. */
export const line = (min: 0 | 1, max: number) => seen(z.string().trim(), min, max).superRefine(refuseMisleading(min));

export const id = z
  .string()
  .regex(/^[0-9a-f]{24}$/, 'must be an id of 24 hex digits')
  .meta({ example: '665f1c2ab3d4e5f60718293a' });
export const timestamp = z.iso.datetime({ offset: true }).meta({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' });
export const seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
export const username = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$/, 'must be 2 to 32 letters, digits, "_", "." or "-", beginning with a letter or digit')
  .meta({ example: 'ada' });
export const email = z.email().max(254).meta({ example: 'ada@example.org' });
export const password = z.string().min(bounds.passwordMin).max(bounds.passwordMax);
/** One that is looked at and not set: whatever was taken once. */
export const givenPassword = z.string().min(1).max(bounds.passwordMax).meta({
  description: 'The present password; may be left out within five minutes after a sign-in by it',
});
export const webUrl = z.url({ protocol: /^https?$/ }).max(bounds.url);
/** Those that are one when folded are one, in the spelling that came first. */
export const tags = z.array(line(1, bounds.tag)).max(bounds.tags).overwrite(distinctTags);
export const nonce = z
  .string()
  .min(1)
  .max(bounds.nonce)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');
/** An emoji in its qualified form, whichever was given. */
export const emoji = z
  .string()
  .max(bounds.emoji)
  .overwrite(reactionForm)
  .refine((s) => emojiOf(s) !== null, { message: 'must be exactly one emoji' })
  .meta({ description: 'Exactly one emoji, with or without variation selectors', example: '👍' });
/** One to take back: whatever was taken once. */
export const givenEmoji = z.string().min(1).max(bounds.emoji).overwrite(reactionForm).meta({ example: '👍' });
/** Any text to look for. It misleads nobody by what folding passes over: joiners, soft hyphens, variation selectors. */
export const query = seen(z.string().trim(), 1, bounds.query).superRefine(
  refuseMisleading(1, (s) => s.replace(/\u00ad|\u200c|\u200d|\p{Variation_Selector}/gu, '')),
);
export const cursor = z.string().max(512);

/** How much of a listing, and from where on. */
export const pageInput = { cursor: cursor.optional(), limit: z.int().min(1).max(bounds.page).optional() };
