import type { ParleyClient } from '../../src/client/index.js';
import type { Invite } from '../../src/features/invites/contract.js';
import type { Community, CommunityRole, LiveMessage, Thread } from '../../src/protocol/resources.js';
import { found, signUp } from '../cluster/people.js';
import { type SignedIn, type Standing, signedIn, type Visibility } from './permission-table.js';

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

const idOf = (client: ParleyClient): string => client.memberId as string;
const farAway = '2100-01-01T00:00:00.000Z';

/** What a member has made here, while that was still allowed. */
export interface Works {
  thread: Thread;
  message: LiveMessage;
  /** One for each door, and one that stays. */
  invites: Invite[];
}

/** A community in which everyone has the standing that their name says, with something of everyone's in it. */
export class Scene {
  private constructor(
    readonly cast: Cast,
    readonly visibility: Visibility,
    readonly community: Community,
    /** Where messages are: begun by the owner. */
    readonly thread: Thread,
    /** That nobody holds, and that grants nothing. */
    readonly role: CommunityRole,
    readonly works: Record<Exclude<SignedIn, 'stranger'> | 'target', Works>,
  ) {}

  static async set(cast: Cast, visibility: Visibility): Promise<Scene> {
    const { owner, moderator, member, muted, banned } = cast.people;
    const everyone = { owner, moderator, member, muted, banned, target: cast.target };
    const { community, thread } = await found(owner, [moderator, member, muted, banned, cast.target]);
    const works = {} as Scene['works'];
    for (const [name, person] of Object.entries(everyone) as [keyof typeof everyone, ParleyClient][]) {
      const own = await person.operations.createThread({ community_id: community.id, title: `of ${name}` });
      const invites: Invite[] = [];
      while (invites.length < 3) invites.push(await person.operations.createInvite({ community_id: community.id }));
      works[name] = { thread: own, message: await say(person, thread.id, `by ${name}`), invites };
    }
    const role = await owner.operations.createRole({ community_id: community.id, name: 'Spare' });
    const scene = new Scene(cast, visibility, community, thread, role, works);
    await Promise.all([scene.#put(community, 'moderator'), scene.#put(community, 'muted'), scene.#put(community, 'banned')]);
    await scene.#hide(community);
    return scene;
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
    if (standing === 'moderator' || standing === 'muted' || standing === 'banned') await this.#put(community, standing);
    await this.#hide(community);
    return community;
  }

  /** A message that nothing has been done to, in the scene's thread. */
  message(by: ParleyClient): Promise<LiveMessage> {
    return say(by, this.thread.id, 'fresh');
  }

  newThread(by: ParleyClient): Promise<Thread> {
    return by.operations.createThread({ community_id: this.community.id, title: 'fresh' });
  }

  async #put(community: Community, standing: 'moderator' | 'muted' | 'banned'): Promise<void> {
    const params = { community_id: community.id, member_id: idOf(this.cast.people[standing]) };
    const bodies = { moderator: { role: 'moderator' as const }, muted: { muted_until: farAway }, banned: { is_banned: true } };
    await this.cast.people.owner.operations.changeMembership({ ...params, ...bodies[standing] });
  }

  async #hide(community: Community): Promise<void> {
    if (this.visibility === 'public') return;
    await this.cast.people.owner.operations.updateCommunity({ community_id: community.id, is_public: false });
  }
}

const say = async (by: ParleyClient, threadId: string, content: string): Promise<LiveMessage> =>
  (await by.operations.sendMessage({ thread_id: threadId, content })) as LiveMessage;
