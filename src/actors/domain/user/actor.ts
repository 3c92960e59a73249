import { bounds } from '../../../protocol/primitives.js';
import type { Presence } from '../../../protocol/resources.js';
import { communityRoom, memberRoom } from '../../../protocol/rooms.js';
import type { MemberRecord } from '../../../store/contracts.js';
import { toPresence } from '../../../store/resources.js';
import type { Actor, ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import { Devices, returnMs } from './devices.js';
import { Joins } from './joins.js';
import type { SetPresence, UserMessage } from './messages.js';
import { OwnLedger, type OwnLedgerTurn } from './own-ledger.js';
import { ProfileNews } from './profile-news.js';
import { Round } from './round.js';

/** Changes of presence are shown at most so often. */
const showMs = 1_000;
/** While a device is connected, presence is written anew so often; the store takes it for offline after twice that. */
const keepMs = 60_000;

/** Between two turns in which communities are told: the least that lets the event loop go round. */
const tellMs = 1;

type Own = { type: 'show' | 'tell' | 'keep' | 'missed' | 'tell_profile' } | OwnLedgerTurn;

/** One member: connected devices, what others see of them, and the delivery of notifications. */
export class UserActor implements Actor<UserMessage | Own> {
  readonly #devices: Devices;
  #chosen: Presence['state'] = 'online';
  #text: string | null = null;
  #lastActiveAt: number | null = null;
  /** What others have been shown or are being shown, and what is stored, as far as it is shown. */
  #shown = 'offline';
  #written = 'offline';
  #showing = false;
  #keeping = false;
  #communities: string[] | null = null;
  readonly #joins: Joins;
  /** Made when it is needed first. */
  #ownLedger: OwnLedger | undefined;
  #profile: ProfileNews | undefined;
  readonly #round = new Round<Presence>();
  /** The next communities are about to be told. */
  #telling = false;

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
  ) {
    this.#devices = new Devices(() => context.clock.monotonic());
    this.#joins = new Joins(() => context.clock.monotonic());
  }

  get #id(): string {
    return this.context.address.key;
  }

  get #ledger(): OwnLedger {
    this.#ownLedger ??= new OwnLedger(this.context, this.ports, () => this.#devices.count(2));
    return this.#ownLedger;
  }

  async activate(): Promise<void> {
    const member = await this.ports.store.members.byId(this.#id);
    if (!member) return;
    const { state, text, last_active_at } = member.presence;
    if (state !== 'offline') this.#chosen = state;
    this.#text = text;
    this.#lastActiveAt = last_active_at;
    // Who comes back while it stands is not shown anew: a crowd that lost its node would be shown to everybody in its
    // communities.
    this.#shown = this.#written = lookOf(toPresence(member.presence, this.context.clock.now()));
  }

  async deactivate(reason: string): Promise<void> {
    await this.#ownLedger?.end({ isOwner: reason !== 'lost' });
    if (reason !== 'lost') {
      this.#tellNext(Number.POSITIVE_INFINITY);
      this.#profile?.tell(Number.POSITIVE_INFINITY);
    }
    // Handed over or idle: the next activation hears of the devices within half a minute.
    if (reason === 'shutdown' && this.#devices.any()) await this.#write();
  }

  receive(message: UserMessage | Own): unknown {
    switch (message.type) {
      case 'device_seen':
        this.#devices.seen(message.device, message.node);
        return this.#touched();
      case 'device_gone':
        if (message.returns) {
          this.#devices.leaves(message.device);
          this.context.tellSelfAfter(returnMs, { type: 'missed' });
        } else this.#devices.gone(message.device);
        return this.#touched();
      case 'node_down':
        // A crowd that lost its node is back in seconds: nobody is to hear of it twice.
        if (this.#devices.nodeDown(message.node)) this.context.tellSelfAfter(returnMs, { type: 'missed' });
        return;
      case 'missed':
        return this.#later();
      case 'set_presence':
        return this.#setPresence(message);
      case 'presence':
        return this.#presence();
      case 'profile_changed':
        this.#profile ??= new ProfileNews(this.context, this.ports);
        return this.#profile.changed();
      case 'tell_profile':
        return this.#profile?.tell();
      case 'has_untold':
        return this.#ledger.hint(message.kind);
      case 'notify':
        this.#ledger.hint('notification');
        return this.ports.fanout.publish(memberRoom(this.#id), 'notification', { notification: message.notification });
      case 'keep_place':
        return this.#keepPlace(message.community_id);
      case 'communities_changed':
        this.#communities = null;
        this.#ledger.hint('membership');
        return this.#joins.ended(message.community_id);
      case 'show':
        return this.#show();
      case 'tell':
        return this.#tell();
      case 'keep':
        return this.#keep();
      case 'sync_ledger':
        return this.#ledger.sync(message);
      case 'ledger_head':
        return this.#ledger.head(message);
      case 'feature':
        return this.#ledger.carryOut(message);
      default:
        return this.#ledger.turn(message);
    }
  }

  #touched(): void {
    this.#lastActiveAt = this.context.clock.now();
    this.#later();
    if (this.#keeping) return;
    this.#keeping = true;
    this.context.tellSelfAfter(keepMs, { type: 'keep' });
  }

  async #setPresence({ state, text }: SetPresence): Promise<Presence> {
    this.#chosen = state;
    if (text !== undefined) this.#text = text === '' ? null : text;
    this.#lastActiveAt = this.context.clock.now();
    await this.#write();
    this.#later();
    return this.#presence();
  }

  #presence(): Presence {
    return toPresence(this.#stored(), this.context.clock.now());
  }

  #stored(): MemberRecord['presence'] {
    const here = this.#devices.any();
    return {
      state: here ? this.#chosen : 'offline',
      text: this.#text,
      last_active_at: this.#lastActiveAt,
      fresh_until: here ? this.context.clock.now() + 2 * keepMs + 30_000 : this.context.clock.now(),
    };
  }

  #later(): void {
    if (this.#showing) return;
    this.#showing = true;
    this.context.tellSelfAfter(showMs, { type: 'show' });
  }

  async #show(): Promise<void> {
    this.#showing = false;
    const presence = this.#presence();
    const look = lookOf(presence);
    try {
      if (look !== this.#shown) {
        this.#communities ??= (await this.ports.store.memberships.listByMember(this.#id)).map((m) => m.community_id);
        this.#round.begin(this.#communities, presence);
        this.#shown = look;
      }
      if (!this.#telling) await this.#tellOn();
    } catch (error) {
      // It is tried again, since nothing else may change meanwhile.
      this.#later();
      throw error;
    }
  }

  async #tell(): Promise<void> {
    this.#telling = false;
    try {
      await this.#tellOn();
    } catch (error) {
      this.#later();
      throw error;
    }
  }

  /** Tells the next communities; when all are told, it is stored. */
  async #tellOn(): Promise<void> {
    this.#tellNext();
    if (this.#round.open) {
      this.#telling = true;
      this.context.tellSelfAfter(tellMs, { type: 'tell' });
      // Shown before it is stored: what a crash leaves stored is shown again, and none can leave it stored and never
      // shown.
    } else if (this.#shown !== this.#written) await this.#write();
  }

  #tellNext(most?: number): void {
    const { places, news } = this.#round.next(most);
    for (const id of places) this.ports.fanout.publish(communityRoom(id), 'presence', { member_id: this.#id, presence: news });
  }

  async #keepPlace(communityId: string): Promise<null> {
    const active = (await this.ports.store.memberships.listByMember(this.#id)).map((m) => m.community_id);
    const isFull = active.length + this.#joins.size >= bounds.communities;
    this.#joins.keep(communityId, new Set(isFull ? await this.#living(active) : active));
    return null;
  }

  /** Memberships outlive their community. */
  async #living(communities: readonly string[]): Promise<string[]> {
    const found = await this.ports.store.communities.byIds(communities);
    return found.filter((community) => community.deleted_at === null).map(({ id }) => id);
  }

  async #keep(): Promise<void> {
    this.#keeping = false;
    this.#devices.expire();
    await this.#show();
    if (!this.#devices.any()) return;
    this.#keeping = true;
    this.context.tellSelfAfter(keepMs, { type: 'keep' });
    await this.#write();
  }

  async #write(): Promise<void> {
    const presence = this.#stored();
    await this.ports.store.members.setPresence([{ id: this.#id, presence }]);
    this.#written = lookOf(presence);
  }
}

/** What others see of it, apart from when it was last so. */
const lookOf = ({ state, text }: Pick<Presence, 'state' | 'text'>): string => (text === null ? state : `${state} ${text}`);
