import type { InviteRecord } from './collection.js';
import type { Invite } from './contract.js';

/** An invite with how often it was used. */
export interface Counted {
  record: InviteRecord;
  uses: number;
  /** It had been made before. */
  again?: true;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** An invite as people see it. `publicUrl`: where they reach the installation; null: nobody has said. */
export const shown = (publicUrl: string | null, { record, uses }: Counted): Invite => ({
  id: record.id,
  code: record.code,
  url: `${publicUrl ?? ''}/invites/${record.code}`,
  uses,
  max_uses: record.max_uses,
  expires_at: record.expires_at === null ? null : iso(record.expires_at),
  role_id: record.role_id,
  created_by: record.created_by,
  created_at: iso(record.created_at),
  community_id: record.community_id,
});
