import { communityAddress, type FeatureCommand, type GetCommunity } from '../../actors/domain/community/messages.js';
import type { Answers } from '../../actors/runtime/actor.js';
import { bind, bindOpen } from '../../catalogue/bound.js';
import type { Caller } from '../../catalogue/caller.js';
import type { FeaturePorts } from '../../catalogue/feature-ports.js';
import { Fault } from '../../kernel/errors.js';
import { idFromName, newId, randomToken } from '../../kernel/ids.js';
import { type InviteRecord, invites, inviteUses } from './collection.js';
import { acceptInvite, createInvite, listInvites, previewInvite, revokeInvite } from './contract.js';
import { isLiving, noSuchInvite } from './policy.js';
import { type Counted, shown } from './shown.js';

/** 144 bits, as 24 characters. */
const codeBytes = 18;

const ask = <R>({ actors }: FeaturePorts, { member_id }: Caller, communityId: string, command: string, input: object): Promise<R> =>
  actors.ask(communityAddress(communityId), {
    type: 'feature',
    by: member_id,
    feature: 'invites',
    command,
    input,
  } satisfies FeatureCommand as Answers<FeatureCommand, R>) as Promise<R>;

/** Which invite a code is of. One that has ended is refused where that is decided. */
const byCode = async ({ store }: FeaturePorts, code: string): Promise<InviteRecord> => {
  const [found] = await store.collection(invites).find('byCode', { where: { code }, limit: 1 });
  if (!found) throw noSuchInvite();
  return found;
};

/** A community that was deleted is told of in no other words than an invite that never was. */
const sameWords = (error: unknown): never => {
  throw error instanceof Fault && error.code === 'not_found' ? noSuchInvite() : error;
};

export const operations = [
  /** The id is made of the nonce, so that the call can be repeated: the code is then that of the first. */
  bind(createInvite, async (caller, { community_id, max_uses, expires_in_s, role_id, nonce }, { ports, again }) => {
    const id = nonce === undefined ? newId(ports.clock.now()) : idFromName('create_invite', `${caller.member_id} ${nonce}`);
    const terms = { max_uses: max_uses ?? null, expires_in_s: expires_in_s ?? null, role_id: role_id ?? null };
    const input = { id, code: randomToken(codeBytes), ...terms };
    const made = await ask<Counted>(ports, caller, community_id, 'create', input);
    if (made.again && made.record.code !== input.code) again();
    return shown(ports.publicUrl, made);
  }),
  bind(listInvites, async (caller, { community_id }, { ports }) => {
    const found = await ask<Counted[]>(ports, caller, community_id, 'list', {});
    return { items: found.map((one) => shown(ports.publicUrl, one)), next_cursor: null };
  }),
  bind(revokeInvite, async (caller, { invite_id }, { ports }) => {
    const found = await ports.store.collection(invites).byKey(invite_id);
    if (!found) throw noSuchInvite();
    await ask(ports, caller, found.community_id, 'revoke', { invite_id }).catch(sameWords);
  }),
  bindOpen(previewInvite, async ({ code }, { ports }) => {
    const { store, clock } = ports;
    const record = await byCode(ports, code);
    const [community, [latest]] = await Promise.all([
      store.communities.byId(record.community_id),
      store.collection(inviteUses).find('latest', { where: { invite_id: record.id }, limit: 1 }),
    ]);
    const isThere = community !== null && community.deleted_at === null;
    if (!isThere || !isLiving(record, latest?.number ?? 0, clock.now())) throw noSuchInvite();
    const { id, name, description, member_count, avatar_url } = community;
    return { community: { id, name, description, member_count, avatar_url } };
  }),
  bind(acceptInvite, async (caller, { code }, { ports }) => {
    const { id, community_id } = await byCode(ports, code);
    await ask(ports, caller, community_id, 'accept', { invite_id: id }).catch(sameWords);
    return ports.actors.ask<GetCommunity>(communityAddress(community_id), { type: 'get', by: caller.member_id });
  }),
] as const;
