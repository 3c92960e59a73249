import type { Actor, ActorKind, Answers } from '../../src/actors/runtime/actor.js';
import type { Note, Receiver } from './receiver.js';

/** What a note of an actor's is answered. */
export type AskNote = Answers<Note, number>;

/** Actors that take notes and answer them, and do nothing else. */
export const noteKind = (receiver: Receiver): ActorKind =>
  ({
    name: 'note',
    create: (): Actor<Note> => ({ receive: (note) => receiver.take(note) }),
    idleMs: 10 * 60_000,
    mailboxLimit: 10_000,
  }) satisfies ActorKind<Note> as unknown as ActorKind;
