/** Why the server ends a plain WebSocket: a code of RFC 6455's registry, and one word. */
export interface Goodbye {
  code: number;
  reason: string;
}

/** When nothing else is known: come back. */
export const goingAway: Goodbye = { code: 1001, reason: 'going_away' };
export const notText: Goodbye = { code: 1003, reason: 'binary' };
export const draining: Goodbye = { code: 1012, reason: 'draining' };

/** Come back only with another token, or not at all. */
export const policy = (reason: string): Goodbye => ({ code: 1008, reason });

const later: ReadonlySet<string> = new Set(['overloaded', 'rate_limited', 'unavailable', 'timeout']);

/** After somebody was not let in, by the error's code. */
export const turnedAway = (code: string): Goodbye => (later.has(code) ? { code: 1013, reason: code } : policy(code));
