import type { ParleyClient } from '../../src/client/index.js';
import type { Invite } from '../../src/features/invites/contract.js';
import type { Standing, Subject, Visibility } from './permission-table.js';
import type { Scene, Works } from './scene.js';

/** Somebody who asks for an operation in the matrix. */
export interface Asker {
  scene: Scene;
  visibility: Visibility;
  standing: Standing;
  /** Null for nobody. */
  client: ParleyClient | null;
  subject: Subject;
  /** Whether the tables let this one through: then the request may use up what it acts on. */
  allowed: boolean;
}

export const targetOf = ({ scene }: Asker): ParleyClient => scene.cast.target;

/** Whoever it is about: the asker, or the target. */
export const whom = (asker: Asker): ParleyClient => (asker.subject === 'own' && asker.client ? asker.client : targetOf(asker));

const worksOf = ({ scene, standing, subject }: Asker): Works =>
  scene.works[subject === 'own' && standing !== 'nobody' && standing !== 'stranger' ? standing : 'target'];

/** A message of whoever it is about; a fresh one when the request will go through. */
export const messageFor = async (asker: Asker): Promise<string> =>
  (asker.allowed && asker.client ? await asker.scene.message(whom(asker)) : worksOf(asker).message).id;

export const threadFor = async (asker: Asker): Promise<string> =>
  (asker.allowed && asker.client ? await asker.scene.newThread(whom(asker)) : worksOf(asker).thread).id;

/** An invite to the scene's community of whoever it is about; one that nothing was done to when the request will go through. */
export const inviteFor = async (asker: Asker): Promise<Invite> => {
  const { invites } = worksOf(asker);
  if (!asker.allowed || !asker.client) return invites.at(-1) as Invite;
  const mayMake = asker.subject === 'other' || !['stranger', 'banned', 'muted'].includes(asker.standing);
  if (!mayMake) return invites.shift() as Invite;
  return whom(asker).operations.createInvite({ community_id: asker.scene.community.id });
};
