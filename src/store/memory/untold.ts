import type { Clock } from '../../kernel/clock.js';
import { firstIdAt, newId } from '../../kernel/ids.js';
import type { Untold, UntoldRecords } from '../contracts.js';
import { ascending } from './order.js';

interface Marked {
  member_id: string;
  key: string;
  mark: string;
}

/** Which records of one kind are untold, beside the records: one that is not there any more has a mark yet. */
export class MemoryUntold<R> implements UntoldRecords<R> {
  readonly #clock: Clock;
  readonly #find: (memberId: string, key: string) => R | undefined;
  readonly #marked = new Map<string, Marked>();

  constructor(clock: Clock, find: (memberId: string, key: string) => R | undefined) {
    this.#clock = clock;
    this.#find = find;
  }

  mark(memberId: string, key: string): void {
    this.#marked.set(`${memberId} ${key}`, { member_id: memberId, key, mark: newId(this.#clock.now()) });
  }

  unmark(memberId: string, key: string): void {
    this.#marked.delete(`${memberId} ${key}`);
  }

  async untold(memberId: string, limit: number, only?: readonly string[]): Promise<Untold<R>[]> {
    return [...this.#marked.values()]
      .filter(({ member_id, key }) => member_id === memberId && (only === undefined || only.includes(key)))
      .sort((a, b) => ascending(a.mark, b.mark))
      .slice(0, limit)
      .map(({ key, mark }) => ({ key, mark, record: structuredClone(this.#find(memberId, key)) ?? null }));
  }

  async told(memberId: string, those: readonly Untold<R>[]): Promise<void> {
    for (const { key, mark } of those) {
      const name = `${memberId} ${key}`;
      if (this.#marked.get(name)?.mark === mark) this.#marked.delete(name);
    }
  }

  async untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    const found = [...this.#marked.values()]
      .filter(({ member_id, mark }) => mark < firstIdAt(before) && (after === undefined || member_id > after))
      .sort((a, b) => ascending(a.member_id, b.member_id))
      .slice(0, limit);
    return found.length === 0 ? null : [...new Set(found.map(({ member_id }) => member_id))];
  }
}
