/**
 * Spellings of a path that one server takes for another path and the next one does not: empty and dot segments, a slash at the end
 * (only Socket.IO's address has one), matrix parameters, backslashes, and letters, dots, slashes and control characters in
 * percent-encoding. `deploy/nginx.conf` holds the same expression, so that a proxy's rule for an address and the router's are about
 * the same address.
 */
export const oddSpelling =
  /^(?!\/socket\.io\/(?:\?|$))[^?]*(?:\/\/|\/\.{1,2}(?:[/?]|$)|[\x5c;#]|%(?:[01][0-9A-Fa-f]|2[DdEeFf]|3[0-9Bb]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[CcFf]|7[EeFf])|[^?]\/(?:\?|$))/;

/** The path of a request target, when it is written in the one way that this server knows; else undefined. */
export const plainPath = (target: string): string | undefined =>
  target.startsWith('/') && !oddSpelling.test(target) ? target.split('?', 1)[0] : undefined;

/** A parameter of the API that holds what no id or name can hold: the caller is told so. */
export const isBadParameter = (target: string): boolean => /^\/api\/[^?]*%(?:[01][0-9A-Fa-f]|2[Ff]|5[Cc]|7[Ff])/.test(target);
