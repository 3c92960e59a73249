import type { Collection, Db } from 'mongodb';
import type { EpochRepository } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertOnce } from './bulk.js';
import { reading } from './faults.js';

interface EpochDocument {
  _id: 'cluster';
  epoch: number;
}

export class MongoEpochs implements EpochRepository {
  readonly #epochs: Collection<EpochDocument>;
  readonly #bound: ReadBound;

  constructor(db: Db, bound: ReadBound) {
    this.#epochs = db.collection('epochs');
    this.#bound = bound;
  }

  async raise(epoch: number): Promise<number> {
    await upsertOnce(() => this.#epochs.updateOne({ _id: 'cluster' }, { $max: { epoch } }, { upsert: true }));
    const highest = await reading(() => this.#epochs.findOne({ _id: 'cluster' }, this.#bound));
    return highest?.epoch ?? epoch;
  }
}
