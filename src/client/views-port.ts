import type { EventPayload, ServerEventName } from '../protocol/events.js';
import type { Random } from './backoff.js';
import type { Connection } from './connection.js';
import type { Draft } from './delivery.js';
import type { FollowedLedgers } from './ledgers/ledger-reading.js';
import type { Listeners } from './listeners.js';
import type { Asked, Operations, PayloadOf } from './operations.js';
import type { CommunityPort, HistoryPlace, LedgersViewPort, ThreadPort } from './port.js';

export interface ViewsPortParts {
  random: Random;
  read: Listeners<[threadId: string, seq: number]>;
  allRead: Listeners<[communityId: string | null, at: number]>;
}

/** The client itself, as its views' port uses it. */
interface Client extends Pick<ThreadPort, 'clock' | 'memberId' | 'on' | 'emit' | 'send'> {
  readonly connection: Connection;
  readonly ledgers: FollowedLedgers;
  readonly operations: Operations;
}

/** What views need of a client. */
export const viewsPort = (client: Client, { random, read, allRead }: ViewsPortParts): ThreadPort & CommunityPort & LedgersViewPort => {
  const { clock, connection, operations } = client;
  return {
    ...{ clock, random, operations },
    get memberId() {
      return client.memberId;
    },
    get isOnline() {
      return connection.state.phase === 'online';
    },
    get ledgers() {
      return client.ledgers;
    },
    on: <E extends ServerEventName>(event: E, listener: (payload: EventPayload<E>) => void) => client.on(event, listener),
    onOnline: (listener) => {
      let was = connection.state.phase === 'online';
      return connection.onState(({ phase }) => {
        const is = phase === 'online';
        if (is === was) return;
        was = is;
        listener(is);
      });
    },
    emit: <E extends Asked>(event: E, payload: PayloadOf<E>) => client.emit(event, payload),
    history: (thread_id: string, place: HistoryPlace, limit: number) => operations.listMessages({ thread_id, ...place, limit }),
    send: (threadId: string, draft: Draft) => client.send(threadId, draft),
    noteRead: (threadId, seq) => read.tell(threadId, seq),
    markReadAtLast: (thread_id, seq) => operations.markRead({ thread_id, seq }, { keepalive: true }),
    onRead: (listener) => read.add(listener),
    onAllRead: (listener) => allRead.add(listener),
  };
};
