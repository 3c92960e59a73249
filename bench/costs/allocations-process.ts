/** What the hot paths allocate, with the collector at rest meanwhile. Needs --expose-gc and a large young generation. */
import { LocalActorSystem } from '../../src/actors/runtime/local-system.js';
import { Frames } from '../../src/gateway/socket/frames.js';
import { type Outlet, writeFrames } from '../../src/gateway/socket/outlet.js';
import { systemClock } from '../../src/kernel/clock.js';
import { createLogger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { type AskNote, noteKind } from '../actors/note-kind.js';
import { lanes, type Note, Receiver } from '../actors/receiver.js';
import { answerCalls } from '../processes/calls.js';

/** Bytes each. */
export interface Allocations {
  tell: number;
  ask: number;
  /** Of an event to one more socket of a room. */
  write: number;
  /** Times that the heap shrank meanwhile: then the figures are too low. */
  collections: number;
}

const parts = 20;
const inPart = 1_024;

const measure = async (): Promise<Allocations> => {
  const receiver = new Receiver();
  const logger = createLogger({ level: 'warn', node: 'bench' });
  const system = new LocalActorSystem({ kinds: [noteKind(receiver)], clock: systemClock, logger, telemetry: new Telemetry() });
  const addresses = Array.from({ length: lanes }, (_, lane) => ({ kind: 'note', key: `lane-${lane}` }));
  const numbers = new Array<number>(lanes).fill(0);
  /** Made before they are counted. */
  const prepared = (): Note[] =>
    Array.from({ length: parts * inPart }, (_, i) => ({ type: 'note', lane: i % lanes, number: ++numbers[i % lanes]! }));
  const tells = async (notes: readonly Note[]): Promise<void> => {
    for (const note of notes) system.tell(addresses[note.lane]!, note);
    await turn();
  };
  const asks = async (notes: readonly Note[]): Promise<void> => {
    for (const note of notes) await system.ask<AskNote>(addresses[note.lane]!, note);
  };
  const frames = new Frames([{ name: 'new_message', text: '["new_message",{}]', change: undefined }]);
  const socket = outlet();
  const writes = (notes: readonly Note[]): void => {
    for (let i = 0; i < notes.length; i++) writeFrames(socket, frames, { direct: true });
  };

  let collections = 0;
  const bytes = async (run: (notes: readonly Note[]) => Promise<void> | void): Promise<number> => {
    // Compiled before it is counted.
    for (let i = 0; i < 3; i++) await inParts(prepared(), run, () => undefined);
    const notes = prepared();
    global.gc!();
    const levels = [heap()];
    await inParts(notes, run, () => levels.push(heap()));
    collections += levels.filter((level, i) => i > 0 && level < levels[i - 1]!).length;
    return (levels.at(-1)! - levels[0]!) / notes.length;
  };
  const result = { tell: await bytes(tells), ask: await bytes(asks), write: await bytes(writes), collections };
  await system.stop();
  return { ...result, collections };
};

const inParts = async (notes: readonly Note[], run: (notes: readonly Note[]) => Promise<void> | void, after: () => void): Promise<void> => {
  for (let from = 0; from < notes.length; from += inPart) {
    await run(notes.slice(from, from + inPart));
    after();
  }
};

const heap = (): number => process.memoryUsage().heapUsed;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const outlet = (): Outlet => ({
  conn: {
    ...{ readyState: 'open', upgrading: false, writeBuffer: [], write: () => undefined },
    transport: {
      ...{ name: 'websocket', writable: true },
      socket: {
        readyState: 1,
        _sender: { sendFrame: () => undefined },
        _socket: { bytesWritten: 0, writableLength: 0, write: () => true, destroy: () => undefined },
      },
    },
  },
});

answerCalls({ measure });
