import { mayKnow } from '../../../authority/decide.js';
import { Fault } from '../../../kernel/errors.js';
import type { Access } from '../community/messages.js';

/** Asked about beside each other. */
const atOnce = 64;
/** That one node may ask about in one go. */
const mostMembers = 100_000;

export interface Audience {
  /** Those who may view. */
  members: string[];
  /** No answer that this rests on is older. Of nobody: 0. */
  access_rev: number;
}

/**
 * Which members may view, by what `accessOf` says of each. Rejects when of somebody nothing can be learned: half an audience would be
 * taken for a whole one. Fault `validation_failed` for what is no list of members.
 */
export const audienceOf = async (members: unknown, accessOf: (memberId: string) => Promise<Access>): Promise<Audience> => {
  if (!Array.isArray(members) || members.length > mostMembers || !members.every((member) => typeof member === 'string')) {
    const errors = [{ path: 'members', message: `must be at most ${mostMembers} ids` }];
    throw new Fault('validation_failed', 'This is no list of members', { errors });
  }
  const those: string[] = [];
  let rev = Number.POSITIVE_INFINITY;
  const queue = new Set<string>(members).values();
  const worker = async (): Promise<void> => {
    for (const member of queue) {
      const access = await accessOf(member);
      rev = Math.min(rev, access.access_rev);
      if (mayKnow(access)) those.push(member);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { members: those, access_rev: Number.isFinite(rev) ? rev : 0 };
};
