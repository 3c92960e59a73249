import type { MemberRepository } from '../../src/store/contracts.js';
import type { Stewards } from './places.js';

/**
 * Who tends what is imported: the owner that was named, and the administrators of the installation. Rejects, before anything is stored,
 * when there is no such owner or one who cannot sign in.
 */
export const findStewards = async (
  members: Pick<MemberRepository, 'byUsername' | 'byIds'>,
  ownerName: string | undefined,
  admins: readonly string[],
): Promise<Stewards> => {
  const administrators = (await members.byIds(admins)).filter(({ is_active }) => is_active).map(({ id }) => id);
  if (ownerName === undefined) return { owner: null, moderators: administrators };
  const name = ownerName.trim().replace(/^@/, '');
  const owner = name === '' ? null : await members.byUsername(name);
  const nothing = 'nothing was stored';
  if (!owner) throw new Error(`--owner: there is no member with the name "${name}"; ${nothing}`);
  if (!owner.is_active || owner.password_hash === null) throw new Error(`--owner: ${owner.username} cannot sign in; ${nothing}`);
  return { owner: owner.id, moderators: administrators };
};
