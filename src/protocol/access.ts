/** Points per window; one request costs one point. Counted for all nodes together, by member, or by address before sign-in. */
export const limits = {
  sign_up: { points: 20, seconds: 3600, by: 'address' },
  sign_in: { points: 20, seconds: 60, by: 'address' },
  refresh: { points: 60, seconds: 60, by: 'address' },
  read: { points: 600, seconds: 60, by: 'member' },
  search: { points: 60, seconds: 60, by: 'member' },
  write: { points: 120, seconds: 60, by: 'member' },
  send: { points: 60, seconds: 10, by: 'member' },
  react: { points: 60, seconds: 10, by: 'member' },
  signal: { points: 120, seconds: 10, by: 'member' },
  probe: { points: 1200, seconds: 60, by: 'address' },
} as const;
export type LimitName = keyof typeof limits;
