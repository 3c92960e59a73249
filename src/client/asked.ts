import type { AnswerOf, GivenTo } from '../catalogue/operation.js';
import type { Stated } from '../features/index.js';
import type { AckData, ClientEventName, Payload } from '../protocol/events.js';

/** Everything that a socket can be asked for by name: events of version 1 and operations of the catalogue. */
export type Asked = ClientEventName | keyof Stated;

export type PayloadOf<E extends Asked> = E extends ClientEventName ? Payload<E> : E extends keyof Stated ? GivenTo<Stated[E]> : never;

export type DataOf<E extends Asked> = E extends ClientEventName ? AckData<E> : E extends keyof Stated ? AnswerOf<Stated[E]> : never;
