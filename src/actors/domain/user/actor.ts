import type { Presence } from '../../../protocol/resources.js';
import { communityRoom, memberRoom } from '../../../protocol/rooms.js';
import type { MemberRecord } from '../../../store/contracts.js';
import { toPresence } from '../../../store/resources.js';
import type { Actor, ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import { Devices, returnMs } from './devices.js';
import type { SetPresence, UserMessage } from './messages.js';

/** Changes of presence are shown at most so often. */
const showMs = 1_000;
/** While a device is connected, presence is written anew so often; the store takes it for offline after twice that. */
const keepMs = 60_000;

type Own = { type: 'show' } | { type: 'keep' } | { type: 'missed' };

/** One member: connected devices, what others see of them, and the delivery of notifications. */
export class UserActor implements Actor<UserMessage | Own> {
  readonly #devices: Devices;
  #chosen: Presence['state'] = 'online';
  #text: string | null = null;
  #lastActiveAt: number | null = null;
  /** What others have been shown, and what is stored, as far as it is shown. */
  #shown = 'offline';
  #written = 'offline';
  #showing = false;
  #keeping = false;
  #communities: string[] | null = null;

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
  ) {
    this.#devices = new Devices(() => context.clock.monotonic());
  }

  get #id(): string {
    return this.context.address.key;
  }

  async activate(): Promise<void> {
    const member = await this.ports.store.members.byId(this.#id);
    if (!member) return;
    const { state, text, last_active_at } = member.presence;
    if (state !== 'offline') this.#chosen = state;
    this.#text = text;
    this.#lastActiveAt = last_active_at;
    // Who comes back while it stands is not shown anew: a crowd that lost its node would be shown to everybody in its communities.
    this.#shown = this.#written = lookOf(toPresence(member.presence, this.context.clock.now()));
  }

  async deactivate(reason: string): Promise<void> {
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
      case 'notify':
        return this.ports.fanout.publish(memberRoom(this.#id), 'notification', { notification: message.notification });
      case 'communities_changed':
        this.#communities = null;
        return;
      case 'show':
        return this.#show();
      case 'keep':
        return this.#keep();
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
      // Shown before it is stored: what a crash leaves stored is shown again, and none can leave it stored and never shown.
      if (look !== this.#shown) await this.#publish(presence);
      this.#shown = look;
      if (look !== this.#written) await this.#write();
    } catch (error) {
      // It is tried again, since nothing else may change meanwhile.
      this.#later();
      throw error;
    }
  }

  async #publish(presence: Presence): Promise<void> {
    this.#communities ??= (await this.ports.store.memberships.listByMember(this.#id)).map((m) => m.community_id);
    for (const id of this.#communities) this.ports.fanout.publish(communityRoom(id), 'presence', { member_id: this.#id, presence });
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
