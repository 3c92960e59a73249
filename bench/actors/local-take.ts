import { type Notes, Pacer } from './pace.js';
import type { Receiver } from './receiver.js';

/** What a process finds of its own mailboxes. */
export interface LocalTake {
  tells: number;
  asks: number;
  /** Notes that were lost, came twice, out of order, or were answered wrongly. */
  faults: number;
}

/** `seconds`: of each of the two, after a fifth of it to warm up. */
export const localTake = async (notes: Notes, receiver: Receiver, seconds: number): Promise<LocalTake> => {
  const pacer = new Pacer(notes);
  const warmUp = [await pacer.tells(receiver, seconds / 5), await pacer.asks(seconds / 5)];
  const tells = await pacer.tells(receiver, seconds);
  const asks = await pacer.asks(seconds);
  const faults = [...warmUp, tells, asks].reduce((sum, { wrong }) => sum + wrong, receiver.faults);
  return { tells: tells.perSecond, asks: asks.perSecond, faults };
};
