import { Fault } from '../kernel/errors.js';
import type { EventPayload, ServerEventName } from '../protocol/events.js';
import type { Message, Self } from '../protocol/resources.js';
import { Account } from './account.js';
import type { Random } from './backoff.js';
import type { ClientOptions } from './client-options.js';
import { type Clock, hostClock } from './clock.js';
import { CommunityView } from './community-view.js';
import { Connection, type EmitOptions } from './connection.js';
import { type DeliveryOptions, type Draft, deliver } from './delivery.js';
import { type DeviceTokenStore, memoryDeviceToken } from './device-token.js';
import { memoryDrafts } from './draft-store.js';
import { Endpoints } from './endpoints.js';
import { HeadsView } from './heads-view.js';
import { ledgersPort } from './ledgers/client-port.js';
import { Ledgers } from './ledgers/ledgers.js';
import { Listeners } from './listeners.js';
import { MemberDirectory } from './member-directory.js';
import { type AnswerTo, type Asked, type DataOf, type Operations, operationsBy, type PayloadOf } from './operations.js';
import { OwnCommunities } from './own-communities.js';
import { OwnDrafts } from './own-drafts.js';
import { OwnNotifications } from './own-notifications.js';
import { onReadItems } from './read-items.js';
import { RestDoor } from './rest.js';
import { Session } from './session.js';
import { SharedViews } from './shared-views.js';
import { ThreadView } from './thread-view.js';
import { MemoryTokenStore } from './token-store.js';
import { viewsPort } from './views-port.js';
import { dialSocketIo } from './wire.js';

/**
 * Short, so that a refresh whose answer was lost is sent again while the server still answers it with the same tokens.
 */
const refreshTimeoutMs = 4_000;
/** Nobody who signs out waits longer for what is saved first. */
const patienceMs = 3_000;

/** A member's client: REST, socket and live views under one sign-in. Fails with Faults only. */
export class ParleyClient {
  readonly clock: Clock;
  readonly session: Session;
  readonly account: Account;
  readonly connection: Connection;
  /** Names and pictures beside messages. */
  readonly members: MemberDirectory;
  /** What is followed of oneself and of communities, as items; see `Ledgers.follow`. */
  readonly ledgers: Ledgers;
  /** Everything that REST can be asked for, each by its name; see `RestDoor.ask`. */
  readonly operations: Operations;
  readonly #random: Random;
  readonly #device: DeviceTokenStore;
  readonly #read = new Listeners<[threadId: string, seq: number]>();
  readonly #allRead = new Listeners<[communityId: string | null, at: number]>();
  readonly #threads: SharedViews<ThreadView>;
  readonly #communities: SharedViews<CommunityView>;
  readonly #heads: SharedViews<HeadsView>;
  readonly #own: SharedViews<OwnCommunities>;
  readonly #notifications: SharedViews<OwnNotifications>;
  readonly #drafts: SharedViews<OwnDrafts>;

  constructor(options: ClientOptions) {
    const clock = options.clock ?? hostClock;
    const random = options.random ?? Math.random;
    const endpoints = new Endpoints(options.urls);
    this.clock = clock;
    this.#random = random;
    this.#device = options.device ?? memoryDeviceToken();
    this.session = new Session({
      store: options.store ?? new MemoryTokenStore(),
      clock,
      random,
      refresh: (refresh_token) => this.operations.refresh({ refresh_token }, { timeoutMs: refreshTimeoutMs }),
    });
    const token = () => this.session.token();
    const refresh = (stale: string) => this.session.refresh(stale);
    const door = new RestDoor({
      endpoints,
      clock,
      random,
      fetch: options.fetch ?? ((...args) => fetch(...args)),
      token,
      refresh,
      memberId: () => this.memberId,
    });
    this.operations = operationsBy((way, input, options) => door.ask(way, input, options));
    this.account = new Account(this.operations, () => this.memberId ?? '');
    this.connection = new Connection({ endpoints, clock, random, dial: options.dial ?? dialSocketIo, token, refresh });
    this.members = new MemberDirectory(this.operations);
    this.#threads = new SharedViews((id) => new ThreadView(id, this.#port()));
    this.#communities = new SharedViews((id) => new CommunityView(id, this.#port()));
    this.#heads = new SharedViews(() => new HeadsView(this.#port()));
    this.ledgers = new Ledgers(ledgersPort(this.#port(), { store: options.ledgers, tabs: options.tabs }));
    this.#own = new SharedViews(() => new OwnCommunities(this.#port()));
    this.#notifications = new SharedViews(() => new OwnNotifications(this.#port()));
    const draftsOf = options.drafts ?? memoryDrafts;
    this.#drafts = new SharedViews((memberId) => new OwnDrafts(this.#port(), draftsOf(memberId)));
    onReadItems(this.ledgers, (threadId, seq) => this.#read.tell(threadId, seq));
    this.connection.on('member_updated', ({ member }) => this.members.learn([member]));
    this.connection.on('session_ended', ({ reason }) => this.session.end(reason));
    this.session.onEnded((reason) => {
      this.connection.stop(reason);
      this.members.forget();
      this.#drafts.closeAll();
      this.ledgers.forget();
    });
  }

  /** The id of the member who is signed in, or null. */
  get memberId(): string | null {
    return this.session.memberId;
  }

  /** Makes an account and signs in. */
  async register(body: PayloadOf<'register'>): Promise<Self> {
    return this.#begin(await this.operations.register(body));
  }

  /** Signs in by username or e-mail. */
  async login(login: string, password: string): Promise<Self> {
    return this.#begin(await this.operations.login({ login, password, device_token: this.#device.read() }));
  }

  /** Opens a closed account again and signs in. `login` fails with `forbidden` for one that can be opened again. */
  async reopenAccount(login: string, password: string): Promise<Self> {
    return this.#begin(await this.operations.reopenAccount({ login, password, device_token: this.#device.read() }));
  }

  /** Ends the session here and, when it can be reached, on the server. */
  async logout(): Promise<void> {
    await this.#saveDrafts();
    this.connection.stop('signed_out');
    await this.operations.logout().catch(() => undefined);
    this.session.end('signed_out');
  }

  /** Opens the socket and keeps it open; resolves once online, or rejects with `unauthenticated` or `unavailable`. */
  async connect(timeoutMs = 10_000): Promise<void> {
    if (this.memberId === null) throw new Fault('unauthenticated');
    this.connection.start();
    if (await this.connection.online(timeoutMs)) return;
    const { state } = this.connection;
    throw state.phase === 'closed' ? new Fault('unauthenticated', `The server ended it: ${state.reason}`) : new Fault('unavailable');
  }

  /** Asks by socket; see `Connection.emit`. A refused token is replaced once. */
  async emit<E extends Asked>(event: E, payload: PayloadOf<E>, options?: EmitOptions): Promise<DataOf<E>> {
    try {
      return await this.connection.emit(event, payload, options);
    } catch (thrown) {
      if (Fault.from(thrown).code !== 'unauthenticated' || this.connection.state.phase === 'closed') throw thrown;
      await this.connection.renew();
      return this.connection.emit(event, payload, options);
    }
  }

  /** Hears a server event, over all reconnects; answers how to stop. */
  on<E extends ServerEventName>(event: E, listener: (payload: EventPayload<E>) => void): () => void {
    return this.connection.on(event, listener);
  }

  /**
   * Sends a message, again and again with one nonce until it is acknowledged or can never be: through time-outs, lost
   * sockets and nodes that restart. See `deliver`.
   */
  async send(threadId: string, draft: Draft, options?: DeliveryOptions): Promise<Message> {
    const author = this.memberId;
    const emit: ParleyClient['emit'] = async (event, payload, emitOptions) => {
      // A later attempt may come after somebody else has signed in.
      if (this.memberId !== author) throw new Fault('unauthenticated', 'The session is over');
      return this.emit(event, payload, emitOptions);
    };
    const message = await deliver({ clock: this.clock, random: this.#random, emit }, threadId, draft, options);
    // One's own message moves one's own cursor.
    this.#read.tell(threadId, message.seq);
    return message;
  }

  /** Everything in a thread up to seq, or all of it with its notifications, has been read. Answers how far that is. */
  async markRead(threadId: string, seq?: number): Promise<number> {
    const { read_seq } = await this.operations.markRead({ thread_id: threadId, seq });
    this.#read.tell(threadId, read_seq);
    return read_seq;
  }

  /** Everything in a community, or in all of one's communities, has been read, with its notifications. */
  async markAllRead(communityId?: string): Promise<void> {
    const { read_at } = await this.operations.markAllRead({ community_id: communityId });
    this.#allRead.tell(communityId ?? null, Date.parse(read_at));
  }

  /** Follows a thread. Opened twice it is one view; the last `close` ends it. */
  openThread(id: string): ThreadView {
    return this.#threads.open(id);
  }

  closeThread(id: string): void {
    this.#threads.close(id);
  }

  /** Follows a community. Opened twice it is one view; the last `closeCommunity` ends it. */
  openCommunity(id: string): CommunityView {
    return this.#communities.open(id);
  }

  closeCommunity(id: string): void {
    this.#communities.close(id);
  }

  /** Where all threads stand, for marks of the unread in places that are not open. Opened twice it is one view. */
  openHeads(): HeadsView {
    return this.#heads.open('');
  }

  closeHeads(): void {
    this.#heads.close('');
  }

  /** The communities to which one belongs. Opened twice it is one view. */
  openOwnCommunities(): OwnCommunities {
    return this.#own.open('');
  }

  closeOwnCommunities(): void {
    this.#own.close('');
  }

  /** One's newest notifications. Opened twice it is one view. */
  openNotifications(): OwnNotifications {
    return this.#notifications.open('');
  }

  closeNotifications(): void {
    this.#notifications.close('');
  }

  /** What one was writing, on all of one's devices. Opened twice it is one view. */
  openDrafts(): OwnDrafts {
    return this.#drafts.open(this.memberId ?? '');
  }

  closeDrafts(): void {
    this.#drafts.close(this.memberId ?? '');
  }

  /**
   * Call when the page may end without another word, as when it is hidden or left: read marks that wait to go together
   * go at once, by requests that outlive it, and ledgers are saved. The client stays as it is.
   */
  flush(): void {
    this.ledgers.flush();
    this.#threads.each((view) => view.flush());
    this.#drafts.each((view) => void view.flush());
  }

  /** Ends views, socket and timers. The tokens stay in their store. */
  close(): void {
    this.#threads.closeAll();
    this.#communities.closeAll();
    this.#heads.closeAll();
    this.#own.closeAll();
    this.#notifications.closeAll();
    this.#drafts.closeAll();
    this.ledgers.close();
    this.connection.stop();
    this.session.close();
  }

  /** For a while; what is not saved by then is lost to whoever signs out. */
  async #saveDrafts(): Promise<void> {
    const saves: Promise<void>[] = [];
    this.#drafts.each((view) => void saves.push(view.flush()));
    if (saves.length === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.clock.after(patienceMs, resolve);
      void Promise.all(saves).then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #begin(signed: AnswerTo<'login'>): Self {
    this.session.begin(signed);
    this.#device.write(signed.device_token);
    this.members.learn([signed.member]);
    return signed.member;
  }

  #port() {
    return viewsPort(this, { random: this.#random, read: this.#read, allRead: this.#allRead });
  }
}
