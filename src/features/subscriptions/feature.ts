import { communityAddress, type GetAccess, type GetCommunity } from '../../actors/domain/community/messages.js';
import { type Open, threadAddress } from '../../actors/domain/thread/messages.js';
import { refusalAsMember } from '../../authority/decide.js';
import { bindConnected } from '../../catalogue/bound.js';
import type { Caller } from '../../catalogue/caller.js';
import { defineFeature } from '../../catalogue/feature.js';
import type { FeaturePorts } from '../../catalogue/feature-ports.js';
import { communityRoom, threadRoom } from '../../protocol/rooms.js';
import { joinCommunity, joinThread, leaveCommunity, leaveThread } from './contract.js';

const demandMemberOf = async ({ actors }: FeaturePorts, { member_id }: Caller, communityId: string): Promise<string> => {
  const access = await actors.ask<GetAccess>(communityAddress(communityId), { type: 'access', member_id });
  const refusal = refusalAsMember(access);
  if (refusal) throw refusal;
  return communityId;
};

/**
 * Hearing of a community or a thread as long as a connection lasts. The connection subscribes first and reads after, so that nothing falls
 * between; the actor that is read from asks for permission anew. Whoever loses their place in a community is taken out of its rooms. A
 * crash ends the connection, and a client subscribes again with the rev that it knows.
 */
export const subscriptions = defineFeature({
  name: 'subscriptions',
  needs: [],
  operations: [
    bindConnected(joinCommunity, async (caller, { community_id }, { ports, connection }) => ({
      community: await connection.subscribe({
        room: communityRoom(community_id),
        place: () => demandMemberOf(ports, caller, community_id),
        read: () => ports.actors.ask<GetCommunity>(communityAddress(community_id), { type: 'get', by: caller.member_id }),
      }),
    })),
    bindConnected(leaveCommunity, async (_caller, { community_id }, { connection }) => {
      connection.leave(communityRoom(community_id));
      return {};
    }),
    bindConnected(joinThread, async (caller, { thread_id, after_rev }, { ports, connection }) => {
      const answer = await connection.subscribe({
        room: threadRoom(thread_id),
        place: async () => demandMemberOf(ports, caller, await ports.communityOf(thread_id)),
        read: () =>
          ports.actors.ask<Open>(threadAddress(thread_id), {
            type: 'open',
            by: caller.member_id,
            ...(after_rev !== undefined && { after_rev }),
          }),
      });
      connection.opened(thread_id, answer.head_rev, answer.thread.is_closed && answer.thread.community_id);
      return answer;
    }),
    bindConnected(leaveThread, async (_caller, { thread_id }, { connection }) => {
      connection.leave(threadRoom(thread_id));
      return {};
    }),
  ],
});
