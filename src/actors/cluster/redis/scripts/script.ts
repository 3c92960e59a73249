/** One Lua script: how many of its arguments are keys (it is in the file's name too), and its text. */
export interface Script {
  readonly keys: number;
  readonly lua: string;
  /** It must be carried out even where no answer comes back. */
  readonly unheard?: true;
}

/** Redis's own time in ms: the one clock by which leases end. */
export const nowLua = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/**
 * Changes the version and tells everyone. A version that is not there starts from the time, so that after a loss of data it
 * never repeats one that somebody still remembers.
 */
export const bumpLua = `
local function bump(key, channel)
  if redis.call('EXISTS', key) == 0 then redis.call('SET', key, string.format('%.0f', now)) end
  local version = redis.call('INCR', key)
  redis.call('PUBLISH', channel, version)
  return version
end
`;
