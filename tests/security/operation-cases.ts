import type { ParleyClient } from '../../src/client/index.js';
import type { Outcome, Standing, Visibility } from './permission-table.js';
import type { Scene } from './scene.js';

/** Somebody who asks for an operation in the matrix. */
export interface OperationAsker {
  scene: Scene;
  standing: Standing;
  /** Null for nobody. */
  client: ParleyClient | null;
  visibility: Visibility;
}

export interface OperationCase {
  /** Input beside the community and the operation's own example, made anew for whoever asks. */
  make?(asker: OperationAsker): Promise<Record<string, unknown>>;
  /** Where the answer is another than what the operation states, since its actor decides by more than that. */
  but?(visibility: Visibility, standing: Standing): Outcome | undefined;
}

const ownersInvite = ({ scene }: OperationAsker) => scene.who('owner')!.operations.createInvite({ community_id: scene.community.id });

/** Members who neither made an invite nor manage all of them do not know of it; others know of none. */
const onlyManagers = (_: Visibility, standing: Standing): Outcome | undefined =>
  ['member', 'muted', 'stranger', 'banned'].includes(standing) ? 'not_found' : undefined;

/** What some operations need beside what they state. By name. */
export const operationCases: Record<string, OperationCase> = {
  // Each member sees their own.
  list_invites: { but: (_, standing) => (standing === 'member' || standing === 'muted' ? 'ok' : undefined) },
  revoke_invite: { make: async (asker) => ({ invite_id: (await ownersInvite(asker)).id }), but: onlyManagers },
  preview_invite: { make: async (asker) => ({ code: (await ownersInvite(asker)).code }) },
  // To another community: whoever comes in would stand otherwise in this one.
  accept_invite: {
    make: async ({ scene }) => {
      const owner = scene.who('owner')!;
      const { id } = await owner.rest('createCommunity', { body: { name: 'Another', is_public: false } });
      return { code: (await owner.operations.createInvite({ community_id: id })).code };
    },
  },
};
