import { z } from 'zod';
import { signedIn } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { ifRev, jsonBytes } from '../../protocol/ledgers.js';

export const settingBounds = {
  /** Of one member. */
  settings: 200,
  key: 64,
  /** Of one value, in bytes of JSON. */
  valueBytes: 4_096,
} as const;

const key = z
  .string()
  .regex(new RegExp(`^[a-z][a-z0-9_.-]{0,${settingBounds.key - 1}}$`), 'must be lower-case letters, digits, "_", "." or "-"')
  .meta({ example: 'theme' });
/** What a number that is too large becomes is none, and would be told as null. */
const isJson = (given: unknown): boolean => {
  let isSound = true;
  JSON.stringify(given, (_key, inner: unknown) => {
    isSound &&= typeof inner !== 'number' || Number.isFinite(inner);
    return inner;
  });
  return isSound;
};
const value = z
  .unknown()
  .refine((given) => given !== undefined, { message: 'must be there; null takes the setting away' })
  .refine((given) => given === undefined || jsonBytes(given) <= settingBounds.valueBytes, {
    message: `must be at most ${settingBounds.valueBytes} bytes of JSON`,
  })
  .refine(isJson, { message: 'must be JSON: its numbers are finite' })
  .meta({ description: 'Any JSON; null takes the setting away' });

const setting = z.object({ key, value: z.unknown().meta({ description: 'Any JSON' }) });
export type Setting = z.output<typeof setting>;

export const settingItem = defineItem({
  kind: 'setting',
  ledger: 'me',
  summary: "One of one's settings, by its key",
  value: z.unknown(),
  most: { items: settingBounds.settings, valueBytes: settingBounds.valueBytes },
});

export const listSettings = defineOperation({
  name: 'list_settings',
  tag: 'settings',
  summary: "One's own settings, which all of one's devices share",
  allow: signedIn,
  decided_by: 'user',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject({}),
  answer: z.object({ items: z.array(setting) }),
  rest: { method: 'get', path: '/settings', status: 200 },
  example: {},
});

export const putSetting = defineOperation({
  name: 'put_setting',
  tag: 'settings',
  summary: 'Set one of them',
  allow: signedIn,
  decided_by: 'user',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ key, value, if_rev: ifRev }),
  answer: setting,
  rest: { method: 'put', path: '/settings/:key', status: 200 },
  example: { value: 'dark' },
});
