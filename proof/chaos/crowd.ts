import { ClosedRooms } from './closed-rooms.js';
import type { Ledger } from './ledger.js';
import type { Person } from './person.js';
import { oneOf, type Random, randomOf } from './random.js';
import type { Recorder } from './recorder.js';
import { Talker } from './talker.js';
import { Visitor } from './visitor.js';

export interface CrowdOptions {
  clients: number;
  /** Messages a second, all together. */
  rate: number;
  seed: number;
  urls: readonly string[];
  recorder: Recorder;
  ledger: Ledger;
}

const communities = 4;
const threadsEach = 3;
const visitors = 4;
/** Share of a talker's actions that are sends. */
const sendShare = 0.78;
/** Mean ms until another talker goes offline, and how long it stays so. */
const absentEveryMs = 5_000;
const absentMs = [2_000, 9_000] as const;
/** Members who follow a community with its presence. */
const observers = 6;

/**
 * The members of a run: talkers in two communities each, following three threads; visitors; some who watch presence;
 * people of closed threads.
 */
export class Crowd {
  readonly talkers: Talker[] = [];
  readonly visitors: Visitor[] = [];
  readonly closedRooms: ClosedRooms;
  /** Ids of communities with their threads. */
  readonly places: { community: string; threads: string[]; members: Talker[] }[] = [];
  readonly #options: CrowdOptions;
  readonly #random: Random;
  readonly #absent = new Set<Talker>();
  #absences: NodeJS.Timeout | undefined;
  readonly #returns = new Set<NodeJS.Timeout>();

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#random = randomOf(options.seed ^ 0x9e3779b9);
    this.closedRooms = new ClosedRooms((nth) => this.#parts(500 + nth));
  }

  /** Signs everybody up, founds the places, opens the threads. */
  async gather(): Promise<void> {
    const { clients, rate } = this.#options;
    const paceMs = (1000 * clients * sendShare) / rate;
    const names: string[] = [];
    for (let i = 0; i < clients; i++) this.talkers.push(new Talker(`t${i}`, this.#parts(i), paceMs, () => names));
    await inTurns(this.talkers, 4, async (talker) => {
      await talker.signUp();
      names.push((await talker.client.operations.getMember({ member_id: talker.id })).username);
    });
    for (let c = 0; c < communities; c++) {
      const owner = this.talkers[c]!;
      const { id: community } = await owner.client.operations.createCommunity({ name: `Community ${c}` });
      const members = this.talkers.filter((_talker, i) => i % communities === c || (i + 1) % communities === c);
      await inTurns(members, 4, (member) => member.client.operations.joinAsMember({ community_id: community }));
      const threads: string[] = [];
      for (let t = 0; t < threadsEach; t++)
        threads.push((await owner.client.operations.createThread({ community_id: community, title: `Thread ${t}` })).id);
      this.places.push({ community, threads, members });
    }
    await inTurns(this.talkers, 4, async (talker) => {
      const mine = this.places.filter(({ members }) => members.includes(talker)).flatMap(({ threads }) => threads);
      while (talker.views.size < Math.min(3, mine.length)) await talker.follow(oneOf(this.#random, mine));
    });
    for (const observer of this.observers()) {
      const place = this.places.find(({ members }) => members.includes(observer))!;
      await observer.client.openCommunity(place.community).ready();
    }
    for (let v = 0; v < visitors; v++) {
      const place = this.places[v % communities]!;
      const visitor = new Visitor(`v${v}`, this.#parts(v), {
        community: place.community,
        thread: oneOf(this.#random, place.threads),
        owner: this.talkers[v % communities]!,
      });
      this.visitors.push(visitor);
      await visitor.signUp();
    }
    await this.closedRooms.found();
    for (const thread of this.closedRooms.threads) this.#options.recorder.closed.add(thread);
  }

  observers(): Talker[] {
    return this.talkers.slice(0, observers);
  }

  get people(): Person[] {
    return [...this.talkers, ...this.visitors, ...this.closedRooms.people];
  }

  start(): void {
    for (const talker of this.talkers) talker.start();
    for (const visitor of this.visitors) visitor.start();
    this.closedRooms.start();
    this.#absences = setInterval(() => this.#sendAway(), absentEveryMs);
  }

  /** Nobody begins anything any more, everybody is online. */
  async stop(): Promise<void> {
    clearInterval(this.#absences);
    for (const timer of this.#returns) clearTimeout(timer);
    for (const talker of this.talkers) talker.stop();
    for (const talker of this.#absent) talker.comeBack();
    this.#absent.clear();
    await Promise.all([this.closedRooms.stop(), ...this.visitors.map((visitor) => visitor.stop())]);
  }

  close(): void {
    clearInterval(this.#absences);
    for (const timer of this.#returns) clearTimeout(timer);
    for (const person of this.people) person.close();
  }

  #sendAway(): void {
    const talker = oneOf(this.#random, this.talkers);
    if (this.#absent.has(talker)) return;
    this.#absent.add(talker);
    talker.goOffline();
    const [least, most] = absentMs;
    const back = setTimeout(
      () => {
        this.#returns.delete(back);
        this.#absent.delete(talker);
        talker.comeBack();
      },
      least + this.#random() * (most - least),
    );
    this.#returns.add(back);
  }

  #parts(i: number) {
    const { recorder, ledger, urls, seed } = this.#options;
    const first = i % urls.length;
    return { recorder, ledger, random: randomOf(seed * 1_000 + i), urls: [...urls.slice(first), ...urls.slice(0, first)] };
  }
}

/** So many at a time. */
export const inTurns = async <T>(items: readonly T[], width: number, run: (item: T) => Promise<unknown>): Promise<void> => {
  const left = [...items];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await run(item);
    }),
  );
};
