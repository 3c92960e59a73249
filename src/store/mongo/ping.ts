import type { Db } from 'mongodb';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { reading } from './faults.js';

const longestMs = 1_000;

/** Rejects with Fault `unavailable` when the server does not answer within a second. */
export const ping = (db: Db, clock: Clock): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = clock.after(longestMs, () => reject(new Fault('unavailable', 'The store does not answer')));
    reading(() => db.command({ ping: 1 }))
      .then(() => resolve(), reject)
      .finally(() => timer.cancel());
  });
