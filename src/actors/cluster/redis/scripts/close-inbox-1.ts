import type { Script } from './script.js';

/**
 * Deletes an inbox unless it holds something unread.
 *   KEYS 1 inbox (stream)
 *   ARGV 1 id of the last entry read
 *   Answers 1 when it is gone.
 */
export const closeInbox: Script = {
  keys: 1,
  lua: `
if #redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', 1) > 0 then return 0 end
redis.call('DEL', KEYS[1])
return 1
`,
};
