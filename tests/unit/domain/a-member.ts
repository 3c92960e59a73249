import type { MemberRecord } from '../../../src/store/contracts.js';

/** Somebody with an account who can sign in. */
export const aMember = (id: string, username: string, fields: Partial<MemberRecord> = {}): MemberRecord => ({
  id,
  username,
  email: `${username}@example.org`,
  password_hash: 'x',
  full_name: null,
  avatar_url: null,
  bio: null,
  joined_at: 0,
  is_active: true,
  reopen_until: null,
  signed_out: null,
  presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
  ...fields,
});
