import type { OverrideRecord } from '../../src/authority/overrides.js';
import type { Permission } from '../../src/authority/permissions.js';
import type { Snapshot } from '../../src/authority/snapshot.js';
import type { ParleyClient } from '../../src/client/index.js';
import type { Invite } from '../../src/features/invites/contract.js';
import type { Community, CommunityRole, LiveMessage, Thread } from '../../src/protocol/resources.js';
import { found, signUp } from '../cluster/people.js';
import { type SignedIn, type Standing, signedIn, type Visibility } from './permission-table.js';
import { overridesIn, put, Standings } from './standings.js';

/** Those who ask in the matrices: one person a standing, the same ones in every community, and a plain member on whom they act. */
export interface Cast {
  url: string;
  people: Record<SignedIn, ParleyClient>;
  target: ParleyClient;
}

export const signUpCast = async (url: string): Promise<Cast> => {
  const people = {} as Record<SignedIn, ParleyClient>;
  for (const standing of signedIn) people[standing] = await signUp([url], standing);
  return { url, people, target: await signUp([url], 'target') };
};

export const closeCast = ({ people, target }: Cast): void => {
  for (const person of [...Object.values(people), target]) person.close();
};

/** What a member has made here, while that was still allowed. */
export interface Works {
  thread: Thread;
  message: LiveMessage;
  /** One for each door, and one that stays. */
  invites: Invite[];
}

/** A community in which everyone has the standing that their name says, with something of everyone's in it. */
export class Scene {
  #standings: Standings | undefined;
  /** What each of its threads allows and denies. */
  #overrides: OverrideRecord[] = [];

  private constructor(
    readonly cast: Cast,
    readonly visibility: Visibility,
    readonly community: Community,
    /** Where messages are: begun by the owner. */
    readonly thread: Thread,
    /** The lowest: that nobody holds, and that grants nothing. */
    readonly role: CommunityRole,
    readonly works: Record<Exclude<SignedIn, 'stranger'> | 'target', Works>,
  ) {}

  static async set(cast: Cast, visibility: Visibility): Promise<Scene> {
    const { owner, stranger, ...others } = cast.people;
    const everyone = { ...others, owner, target: cast.target };
    const { community, thread } = await found(owner, [...Object.values(others), cast.target]);
    await withhold(owner, community, 'create_closed_thread');
    const works = {} as Scene['works'];
    for (const [name, person] of Object.entries(everyone) as [keyof typeof everyone, ParleyClient][]) {
      const own = await person.operations.createThread({ community_id: community.id, title: `of ${name}` });
      const invites: Invite[] = [];
      while (invites.length < 3) invites.push(await person.operations.createInvite({ community_id: community.id }));
      works[name] = { thread: own, message: await say(person, thread.id, `by ${name}`), invites };
    }
    for (const [name, person] of Object.entries(others) as [keyof typeof others, ParleyClient][]) await put(owner, person, community, name);
    const role = await owner.operations.createRole({ community_id: community.id, name: 'Spare' });
    const scene = new Scene(cast, visibility, community, thread, role, works);
    const { items: roles } = await owner.operations.listRoles({ community_id: community.id });
    scene.#overrides = overridesIn(visibility, community.id, roles, { ...cast.people, target: cast.target });
    for (const { id } of [thread, ...Object.values(works).map((work) => work.thread)]) await scene.#override(id);
    await scene.#hide(community);
    scene.#standings = await Standings.read(owner, community.id, thread.id);
    return scene;
  }

  /** How whoever stands so stands in the community, or in one of its threads, by what the server says of roles, members and overrides. */
  snapshot(standing: Standing, inThread: boolean): Snapshot {
    return this.#standings!.of(this.who(standing)?.memberId ?? undefined, standing === 'banned', inThread);
  }

  /** The client of whoever stands so; nobody has none. */
  who(standing: Standing): ParleyClient | null {
    return standing === 'nobody' ? null : this.cast.people[standing];
  }

  /** Another community, with the target in it and one standing filled: for what ends or changes it. */
  async another(standing: Standing): Promise<Community> {
    const { owner } = this.cast.people;
    const inside = standing === 'nobody' || standing === 'stranger' || standing === 'owner' ? [] : [this.cast.people[standing]];
    const { community } = await found(owner, [this.cast.target, ...inside]);
    for (const person of inside) await put(owner, person, community, standing as SignedIn);
    await this.#hide(community);
    return community;
  }

  /** A message that nothing has been done to, in the scene's thread. */
  message(by: ParleyClient): Promise<LiveMessage> {
    return say(by, this.thread.id, 'fresh');
  }

  /** One like the others. */
  async newThread(by: ParleyClient): Promise<Thread> {
    const thread = await by.operations.createThread({ community_id: this.community.id, title: 'fresh' });
    await this.#override(thread.id);
    return thread;
  }

  async #override(thread_id: string): Promise<void> {
    for (const override of this.#overrides) await this.cast.people.owner.operations.setOverride({ thread_id, ...override } as never);
  }

  async #hide(community: Community): Promise<void> {
    if (this.visibility !== 'private') return;
    await this.cast.people.owner.operations.updateCommunity({ community_id: community.id, is_public: false });
  }
}

/** From those who hold it by no other role: what everyone may otherwise would not show which permission is asked for. */
const withhold = async ({ operations }: ParleyClient, { id }: Community, withheld: Permission): Promise<void> => {
  const { items } = await operations.listRoles({ community_id: id });
  const everyone = items.at(-1) as CommunityRole;
  const permissions = everyone.permissions.filter((name) => name !== withheld);
  await operations.updateRole({ community_id: id, role_id: everyone.id, permissions });
};

const say = async (by: ParleyClient, threadId: string, content: string): Promise<LiveMessage> =>
  (await by.operations.sendMessage({ thread_id: threadId, content })) as LiveMessage;
