import { bitsOf } from '../../src/authority/bits.js';
import { type OverrideRecord, ofThreads, toOverride } from '../../src/authority/overrides.js';
import { type Permission, permissions } from '../../src/authority/permissions.js';
import type { Snapshot } from '../../src/authority/snapshot.js';
import type { ParleyClient } from '../../src/client/index.js';
import type { Community, CommunityRole } from '../../src/protocol/resources.js';
import type { SignedIn, Standing, Visibility } from './permission-table.js';
import { idOf } from './trio.js';

const farAway = '2100-01-01T00:00:00.000Z';

/** Of those who stand by a role of their own: what it grants. In a thread an override takes from `denied` even that. */
const granted = {
  administrator: ['administrator'],
  allowed: (Object.keys(permissions) as Permission[]).filter((name) => name !== 'administrator'),
  denied: ['manage_threads', 'manage_messages'],
} as const satisfies Partial<Record<Standing, readonly Permission[]>>;
type ByRole = keyof typeof granted;

/** Gives somebody the standing that their name says, by the owner. */
export const put = async (owner: ParleyClient, person: ParleyClient, { id }: Community, standing: SignedIn): Promise<void> => {
  const whose = { community_id: id, member_id: idOf(person) };
  if (standing in granted) {
    const role = await owner.operations.createRole({ community_id: id, name: standing, permissions: [...granted[standing as ByRole]] });
    await owner.operations.giveRole({ ...whose, role_id: role.id });
  }
  const bodies = { moderator: { role: 'moderator' as const }, muted: { muted_until: farAway }, banned: { is_banned: true } };
  const body = bodies[standing as keyof typeof bodies];
  if (body) await owner.operations.changeMembership({ ...whose, ...body });
};

/** What the threads of a scene allow and deny. `let`: who is let into a closed one by name. */
export const overridesIn = (
  visibility: Visibility,
  communityId: string,
  roles: readonly CommunityRole[],
  people: Record<SignedIn | 'target', ParleyClient>,
): OverrideRecord[] => {
  const roleOf = (name: ByRole) => `role:${roles.find((role) => role.name === name)?.id}` as const;
  const looks: readonly Permission[] = ['view', 'read_history'];
  const denied: OverrideRecord = { subject: roleOf('denied'), allow: [], deny: ofThreads.filter((name) => !looks.includes(name)) };
  const toNobody: OverrideRecord = { subject: `role:${communityId}`, allow: [], deny: ['view'] };
  const letIn = (subject: OverrideRecord['subject']): OverrideRecord => ({ subject, allow: ['view'], deny: [] });
  const byName = (...names: (keyof typeof people)[]) => names.map((name) => letIn(`member:${idOf(people[name])}`));
  if (visibility === 'closed') return [denied, toNobody, ...byName('muted', 'member', 'moderator', 'allowed', 'denied', 'target')];
  return visibility === 'shut' ? [denied, toNobody, letIn(roleOf('allowed')), ...byName('target')] : [denied];
};

/** How people stand in one community and its threads, as its owner reads it there. */
export class Standings {
  private constructor(
    private readonly community: Community,
    private readonly roles: readonly CommunityRole[],
    private readonly held: ReadonlyMap<string, { roles: string[]; muted_until: string | null; isOwner: boolean }>,
    private readonly overrides: readonly OverrideRecord[],
  ) {}

  static async read({ operations }: ParleyClient, community_id: string, thread_id: string): Promise<Standings> {
    const [community, roles, overrides, members] = await Promise.all([
      operations.getCommunity({ community_id }),
      operations.listRoles({ community_id }),
      operations.listOverrides({ thread_id }),
      operations.listCommunityMembers({ community_id }),
    ]);
    const held = new Map(
      members.items.map(({ member, role, roles, muted_until }) => [member.id, { roles, muted_until, isOwner: role === 'owner' }]),
    );
    return new Standings(community, roles.items, held, overrides.items as OverrideRecord[]);
  }

  /** `inThread`: in one of the scene's threads, which are all alike. */
  of(memberId: string | undefined, isBanned: boolean, inThread: boolean): Snapshot {
    const { id, is_public } = this.community;
    const bits = new Map(this.roles.map((role) => [role.id, bitsOf(role.permissions as Permission[])]));
    const found = memberId === undefined ? undefined : this.held.get(memberId);
    return {
      community: { id, kind: 'community', is_public, everyone: bits.get(id) ?? 0 },
      member: found
        ? {
            id: memberId as string,
            is_owner: found.isOwner,
            roles: found.roles.map((role) => ({ id: role, permissions: bits.get(role) ?? 0 })),
            timed_out_until: found.muted_until === null ? null : Date.parse(found.muted_until),
          }
        : null,
      is_banned: isBanned,
      ...(inThread && this.overrides.length > 0 && { overrides: this.overrides.map(toOverride) }),
    };
  }
}
