import { z } from 'zod';
import { bounds, line, text, timestamp } from '../../src/protocol/primitives.js';
import { withoutUnseen } from '../../src/text/visible.js';

/** One line of an archive: a message with where, by whom and when it was written. */
export interface ArchiveLine {
  community: string;
  thread: string;
  author: string;
  /** Ms since 1970. */
  at: number;
  content: string;
}

export type Parsed = { ok: true; line: ArchiveLine } | { ok: false; reason: string };

/** Longer lines cannot hold a valid message, however it is escaped, and are not kept in memory. */
export const lineBytes = 256 * 1024;

/** A day of grace for clocks that differ. */
const ahead = 86_400_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it takes out
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Old archives hold what Parley lets nobody send: control characters and half characters go, the message stays. */
const cleanText = (s: string): string => s.replace(unprintable, '').replace(halves, '');
/** Otherwise as it is, without spaces around it. */
const cleanName = (s: string): string => withoutUnseen(cleanText(s)).trim();

const name = (max: number) => z.string().transform(cleanName).pipe(line(1, max));

const schema = z.object({
  community: name(bounds.name),
  thread: name(bounds.title),
  author: name(bounds.name),
  at: timestamp.transform((s) => Date.parse(s)).pipe(z.number().min(0, 'must not lie before 1970')),
  content: z.string().transform(cleanText).pipe(text(1, bounds.content)),
});

/** Fields that are not known are passed over. `now`: ms, since nothing can have been written later. */
export const parseLine = (json: string, now: number): Parsed => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { ok: false, reason: 'is not JSON' };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path.map(String).join('.');
    return { ok: false, reason: `${at ? `${at}: ` : ''}${issue?.message ?? 'does not have the expected form'}`.slice(0, 300) };
  }
  if (parsed.data.at > now + ahead) return { ok: false, reason: 'at: lies in the future' };
  return { ok: true, line: parsed.data };
};
