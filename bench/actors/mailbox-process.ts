/** Bare mailboxes in a process of their own. */
import { answerCalls } from '../processes/calls.js';
import { BareMailbox } from './bare-mailbox.js';
import { type LocalTake, localTake } from './local-take.js';
import { lanes, type Note, Receiver } from './receiver.js';

const take = (seconds: number): Promise<LocalTake> => {
  const receiver = new Receiver();
  const boxes = Array.from({ length: lanes }, () => new BareMailbox<Note, number>((note) => receiver.take(note)));
  const notes = {
    tell: (note: Note) => boxes[note.lane]!.tell(note),
    ask: (note: Note) => boxes[note.lane]!.ask(note),
  };
  return localTake(notes, receiver, seconds);
};

answerCalls({ take });
