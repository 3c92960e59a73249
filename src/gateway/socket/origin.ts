import type { IncomingMessage } from 'node:http';

/**
 * Whether a browser page of this origin may connect. Without an Origin header it is no browser page; a page's own server is
 * always fine; anything else must be on the list, whole and exact. `null` (sandboxed frames, files) never is.
 */
export const originAllowed = (request: Pick<IncomingMessage, 'headers'>, allowed: readonly string[]): boolean => {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (allowed.includes(origin) && origin !== 'null') return true;
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
  return host !== undefined && new URL(origin).host === host.toLowerCase();
};
