import type { MemberRecord } from '../leases.js';
import type { Claim, SlotTable, TableSnapshot } from '../slot-table.js';
import type { Keys } from './keys.js';
import type { RunScript } from './run-script.js';
import { claim } from './scripts/claim-4.js';
import { raiseEpoch } from './scripts/raise-epoch-1.js';
import { read } from './scripts/read-4.js';
import { release } from './scripts/release-2.js';

export class RedisSlotTable implements SlotTable {
  readonly #run: RunScript;
  readonly #keys: Keys;

  constructor(run: RunScript, keys: Keys) {
    this.#run = run;
    this.#keys = keys;
  }

  async read(): Promise<TableSnapshot> {
    const { leases, members, slots, version } = this.#keys;
    const [at, records, flat] = (await this.#run(read, [leases, members, slots, version])) as [number, string[], string[]];
    const claims = new Map<number, Claim>();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const parsed = parseClaim(flat[i + 1]!);
      if (parsed) claims.set(Number(flat[i]), parsed);
    }
    return { version: at, members: records.map((record) => JSON.parse(record) as MemberRecord), claims };
  }

  async claim(instance: string, slots: readonly number[]): Promise<{ epoch: number; slots: number[] }> {
    const { leases, slots: table, epoch, version, changes } = this.#keys;
    const answer = (await this.#run(claim, [leases, table, epoch, version, instance, changes, ...slots])) as number[];
    return { epoch: answer[0] ?? 0, slots: answer.slice(1) };
  }

  async release(instance: string, slots: ReadonlyMap<number, number>): Promise<number[]> {
    if (slots.size === 0) return [];
    const { slots: table, version, changes } = this.#keys;
    const pairs = [...slots].flatMap(([slot, epoch]) => [slot, `${instance}:${epoch}`]);
    return (await this.#run(release, [table, version, changes, ...pairs])) as number[];
  }

  async raiseEpoch(atLeast: number): Promise<number> {
    return Number(await this.#run(raiseEpoch, [this.#keys.epoch, atLeast]));
  }
}

const parseClaim = (text: string): Claim | undefined => {
  const colon = text.lastIndexOf(':');
  const epoch = Number(text.slice(colon + 1));
  return colon > 0 && Number.isSafeInteger(epoch) ? { instance: text.slice(0, colon), epoch } : undefined;
};
