import { communityAddress, type HandOver, type Recount } from '../../src/actors/domain/community/messages.js';
import type { ActorSystem } from '../../src/actors/runtime/actor.js';
import type { Clock } from '../../src/kernel/clock.js';
import { Fault } from '../../src/kernel/errors.js';
import { newId } from '../../src/kernel/ids.js';
import type { Store } from '../../src/store/contracts.js';
import { namedBy, namesOf } from '../../src/store/mentions.js';
import { KnownIds } from './known-ids.js';
import { type Cargo, type LaneLimits, Lanes } from './lanes.js';
import { type ArchiveLine, parseLine } from './line.js';
import type { NumberedLine } from './lines.js';
import { forMany } from './many.js';
import { Occurrences } from './occurrences.js';
import { People } from './people.js';
import { Places, type Stewards } from './places.js';
import type { Shown } from './progress.js';

/** Lines, and UTF-16 units of text, that are prepared together. */
const windowLines = 10_000;
const windowUnits = 16_000_000;
/** Names that are looked up by one question. */
const namesAtOnce = 1_000;
/** Messages on their way beside the window that is being prepared. */
const openLimit = 15_000;

export interface ImportOptions {
  store: Pick<Store, 'members' | 'communities' | 'ledgers' | 'threads' | 'memberships'>;
  actors: Pick<ActorSystem, 'ask'>;
  clock: Clock;
  lines: AsyncIterable<NumberedLine>;
  reject(line: number, reason: string, text: string | null): void;
  progress?(shown: Shown): void;
  /** Set: no more lines are read, what was read is finished. */
  signal?: AbortSignal;
  lanes?: LaneLimits;
  stewards?: Stewards;
}

export interface ImportSummary {
  /** Messages that are new, and that had been there. */
  stored: number;
  known: number;
  rejected: number;
  /** Made by this run. */
  made: { members: number; communities: number; threads: number };
  /** Communities that were there before: given to the owner that was named, and left to one who can sign in. */
  owners: { given: number; kept: number };
  /** Every line up to this one is dealt with. */
  lastLine: number;
  complete: boolean;
}

interface Taken {
  number: number;
  line: ArchiveLine;
  nonce: string;
  mentions: string[][];
}

/**
 * Brings an archive into Parley: members, communities, threads and memberships straight into the store, ahead of their
 * messages, which go through the threads' actors as every message does. Ids and nonces follow from the archive, so the
 * same file again stores nothing twice, whether the first time ended or not.
 */
export class Importer {
  readonly #o: ImportOptions;
  readonly #ids: KnownIds;
  readonly #people: People;
  readonly #places: Places;
  readonly #occurrences = new Occurrences();
  readonly #lanes: Lanes;
  #rejected = 0;

  constructor(options: ImportOptions) {
    this.#o = options;
    this.#ids = new KnownIds(options.store);
    this.#people = new People(options.store.members);
    const nobody: Stewards = { owner: null, moderators: [] };
    this.#places = new Places(options.store, options.stewards ?? nobody, () => options.clock.now());
    this.#lanes = new Lanes(options.actors, options.clock, (cargo, fault) => this.#refused(cargo, fault), options.lanes);
  }

  /**
   * Rejects when the store or the cluster cannot be reached for minutes: what was stored by then stays and is known
   * next time.
   */
  async run(): Promise<ImportSummary> {
    let window: Taken[] = [];
    let units = 0;
    let lastLine = 0;
    let complete = true;
    for await (const read of this.#o.lines) {
      const { number, bytes } = read;
      if (this.#o.signal?.aborted) {
        complete = false;
        break;
      }
      lastLine = number;
      const taken = this.#take(read);
      if (taken) {
        window.push(taken);
        units += taken.line.content.length;
      }
      if (window.length >= windowLines || units >= windowUnits) {
        await this.#send(window);
        window = [];
        units = 0;
      }
      if (number % 500 === 0) this.#o.progress?.({ bytes, lines: number - this.#lanes.open - window.length, rejected: this.#rejected });
    }
    await this.#send(window);
    await this.#lanes.downTo(0);
    await this.#recount();
    const owners = await this.#giveToOwner();
    const { stored, known } = this.#lanes;
    return {
      stored,
      known,
      rejected: this.#rejected,
      made: { members: this.#people.made, ...this.#places.made },
      owners,
      lastLine,
      complete,
    };
  }

  #take(read: NumberedLine): Taken | undefined {
    const parsed = read.text === null ? { ok: false as const, reason: read.reason } : parseLine(read.text, this.#o.clock.now());
    if (parsed.ok) {
      const mentions = namesOf(parsed.line.content);
      return { number: read.number, line: parsed.line, nonce: this.#occurrences.nonceOf(parsed.line), mentions };
    }
    this.#reject(read.number, parsed.reason, read.text);
    return undefined;
  }

  async #send(window: readonly Taken[]): Promise<void> {
    if (window.length === 0) return;
    const lines = await this.#ids.place(window.map(({ line }) => line));
    await this.#people.ensure(lines);
    const [ids] = await Promise.all([this.#idsOf(window), this.#places.ensure(lines)]);
    const byThread = new Map<string, Cargo[]>();
    for (const [at, { number, nonce, mentions }] of window.entries()) {
      const line = lines[at]!;
      if (this.#places.isDeleted(line)) {
        this.#reject(number, 'its community or thread was deleted', line.content);
        continue;
      }
      // The id tells when it was stored (sweeps go by it); when it was written is `at`.
      const id = newId(this.#o.clock.now());
      const item = { message_id: id, author: line.member_id, content: line.content, at: line.at, nonce, ...namedBy(mentions, ids) };
      const cargo = byThread.get(line.thread_id);
      if (cargo) cargo.push({ line: number, item });
      else byThread.set(line.thread_id, [{ line: number, item }]);
    }
    await this.#lanes.downTo(openLimit);
    for (const [thread, cargo] of byThread) this.#lanes.push(thread, cargo);
  }

  /** All names of a window in a few questions. As many people as an archive names in a message, it may. */
  async #idsOf(window: readonly Taken[]): Promise<Map<string, string>> {
    const names = [...new Set(window.flatMap(({ mentions }) => mentions.flat()))];
    const ids = new Map<string, string>();
    for (let from = 0; from < names.length; from += namesAtOnce) {
      const found = await this.#o.store.members.idsByUsernames(names.slice(from, from + namesAtOnce));
      for (const [name, id] of found) ids.set(name, id);
    }
    return ids;
  }

  /** Communities count their members anew and forget who they thought belonged to them. */
  async #recount(): Promise<void> {
    const recount: Recount = { type: 'recount' };
    await forMany(this.#places.touched, 16, async (id) => {
      await this.#patiently(() => this.#o.actors.ask<Recount>(communityAddress(id), recount, { timeoutMs: 30_000 }));
    });
  }

  /** Communities of an earlier import: each decides by itself whether its owner can tend it. */
  async #giveToOwner(): Promise<ImportSummary['owners']> {
    const owners = { given: 0, kept: 0 };
    const owner = this.#o.stewards?.owner ?? null;
    if (owner === null) return owners;
    const handOver: HandOver = { type: 'hand_over', by: owner, is_admin: true, member_id: owner };
    await forMany(this.#places.ownedByOthers, 16, async (id) => {
      try {
        await this.#patiently(() => this.#o.actors.ask<HandOver>(communityAddress(id), handOver, { timeoutMs: 30_000 }));
        owners.given++;
      } catch (error) {
        if (Fault.from(error).retryable) throw error;
        owners.kept++;
      }
    });
    return owners;
  }

  async #patiently(ask: () => Promise<unknown>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await ask();
        return;
      } catch (error) {
        if (attempt === 5 || !Fault.from(error).retryable) throw error;
        await this.#o.clock.sleep(500 * 2 ** attempt);
      }
    }
  }

  #refused(cargo: readonly Cargo[], fault: Fault): void {
    for (const { line, item } of cargo) this.#reject(line, fault.message, item.content);
  }

  #reject(line: number, reason: string, text: string | null): void {
    this.#rejected++;
    this.#o.reject(line, reason, text);
  }
}
