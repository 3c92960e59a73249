/** Our actors in a process of their own, without a cluster around them. */
import { LocalActorSystem } from '../../src/actors/runtime/local-system.js';
import { systemClock } from '../../src/kernel/clock.js';
import { createLogger } from '../../src/kernel/logger.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { answerCalls } from '../processes/calls.js';
import { type LocalTake, localTake } from './local-take.js';
import { type AskNote, noteKind } from './note-kind.js';
import { lanes, type Note, Receiver } from './receiver.js';

const take = async (seconds: number): Promise<LocalTake> => {
  const receiver = new Receiver();
  const logger = createLogger({ level: 'warn', node: 'bench' });
  const system = new LocalActorSystem({ kinds: [noteKind(receiver)], clock: systemClock, logger, telemetry: new Telemetry() });
  const addresses = Array.from({ length: lanes }, (_, lane) => ({ kind: 'note', key: `lane-${lane}` }));
  const notes = {
    tell: (note: Note) => system.tell(addresses[note.lane]!, note),
    ask: (note: Note) => system.ask<AskNote>(addresses[note.lane]!, note),
  };
  const found = await localTake(notes, receiver, seconds);
  await system.stop();
  return found;
};

answerCalls({ take });
