import { type ErrorCode, errorTable } from '../../../src/kernel/errors.js';
import type { Act, Answer, Authority, Call } from '../history.js';
import { type Effect, effectsOf } from './effects.js';
import { AuthorityPlace } from './place.js';
import type { Register, Write } from './register.js';
import type { Tri } from './tri.js';

/** Ms for which another try of a call may still be under way. */
const underWayMs = 30_000;

/** Whether somebody views a thread, as far as the calls tell. */
export interface Sight {
  is: Tri;
  /** Ms: from when on it is known that they do not; while `is` is false. */
  lostAt: number;
  /** When what took it away was called, ms, and the entry that acknowledges it. */
  lossCalled: number;
  lossEntry: number;
  /** Calls that may have given it to them: until when each could take effect. */
  gains: { until: number }[];
}

interface Open {
  place: AuthorityPlace;
  call: Call;
  writes: { effect: Effect; write: Write<unknown> }[];
  gain: { until: number };
  /** How many calls there were by then. */
  nth: number;
  /** Ms: from when on it can no longer take effect. */
  end: number;
  /** It is known to have done nothing. */
  isRefused: boolean;
  /** While it begins a thread: what was called since. Others may know the thread before its beginning is answered. */
  since: Open[];
}

/**
 * Who views which threads of all communities, followed from entry to entry. Slow: everything is looked at anew after
 * each call.
 */
export class Sights {
  readonly places = new Map<string, AuthorityPlace>();
  readonly #sights = new Map<string, Sight>();
  readonly #placeOfThread = new Map<string, AuthorityPlace>();
  readonly #open = new Map<number, Open>();
  readonly #gained: (member: string, thread: string) => void;

  /** `gained`: called when a call begins that may let somebody view a thread. */
  constructor(gained: (member: string, thread: string) => void) {
    this.#gained = gained;
  }

  of(member: string, thread: string): Sight | undefined {
    return this.#sights.get(`${member} ${thread}`);
  }

  threadsOf(community: string): Iterable<string> {
    return this.places.get(community)?.threads ?? [];
  }

  begin(begun: Authority, at: number, entry: number): void {
    const place = new AuthorityPlace(begun);
    this.places.set(place.id, place);
    for (const thread of place.threads) this.#placeOfThread.set(thread, place);
    this.#lookAgain(place, at, entry);
  }

  call(call: Call, entry: number): void {
    const place = this.#placeOf(call.act);
    if (!place) return;
    if ('whom' in call.act) place.members.add(call.act.whom);
    const effects = effectsOf(call.act, place);
    if (effects.length === 0 && call.act.do !== 'begin_closed') return;
    const gain = { until: Number.POSITIVE_INFINITY };
    this.#noteGains(place, effects, gain);
    const ends = { end: Number.POSITIVE_INFINITY, isRefused: false };
    const open: Open = { place, call, writes: written(effects, call), gain, nth: ++place.calls, ...ends, since: [] };
    for (const beginning of this.#open.values())
      if (beginning.place === place && beginning.call.act.do === 'begin_closed') beginning.since.push(open);
    this.#open.set(call.op, open);
    this.#lookAgain(place, call.at, entry);
  }

  answer(answer: Answer, entry: number): void {
    const open = this.#open.get(answer.op);
    if (!open) return;
    this.#open.delete(answer.op);
    const { place, call, writes, gain, nth } = open;
    const isOver = answer.outcome === 'ok' && !answer.again;
    const end = isOver ? answer.at : answer.at + underWayMs;
    gain.until = end;
    open.end = end;
    open.isRefused = isNothing(answer, call);
    if (open.isRefused) for (const { effect, write } of writes) effect.register.refused(write);
    else {
      for (const { write } of writes) write.end = end;
      if (answer.outcome === 'ok') {
        const strong = writes.filter(({ effect }) => !effect.isWeak);
        for (const { effect, write } of strong) effect.register.acknowledged(write, end);
        const isAlone = nth === place.calls && !answer.again;
        const out = writes.filter(({ effect: { alone }, write }) => isAlone && alone && !alone.includes(write.value));
        for (const { effect, write } of out) effect.register.refused(write);
      }
    }
    if (call.act.do === 'begin_closed' && answer.thread !== undefined) this.#begun(open, answer.thread, call.act.people);
    this.#lookAgain(place, answer.at, entry);
  }

  #begun({ place, call, since }: Open, thread: string, people: readonly string[]): void {
    this.#placeOfThread.set(thread, place);
    const allowed = [...new Set([call.member, ...people])].map((id) => ({ subject: `member:${id}`, allow: ['view'], deny: [] }));
    place.begin(thread, [{ subject: `role:${place.id}`, allow: [], deny: ['view'] }, ...allowed]);
    for (const open of since) if (!open.isRefused) this.#mayHaveChanged(thread, open);
  }

  /** Called before it was known that the thread is there: which of the two came first, nobody can tell. */
  #mayHaveChanged(thread: string, { place, call, writes, gain, end }: Open): void {
    const effects = effectsOf(call.act, place)
      .filter(({ register }) => place.isOf(thread, register))
      .map((effect) => ({ ...effect, isWeak: true }));
    this.#noteGains(place, effects, gain);
    for (const one of written(effects, call)) {
      one.write.end = end;
      writes.push(one);
    }
  }

  #placeOf(act: Act): AuthorityPlace | undefined {
    return 'community' in act ? this.places.get(act.community) : undefined;
  }

  #noteGains(place: AuthorityPlace, effects: readonly Effect[], gain: { until: number }): void {
    const firm = effects.filter(({ isLoose }) => !isLoose);
    const alternatives = firm.flatMap(({ register, values }) => values.map((value) => [register, value] as const));
    this.#each(place, (member, thread) => {
      const mayGain = alternatives.some(([register, value]) => {
        // Beside what else the call does: of each register the worst is taken together with the others as they may be.
        const as = new Map<Register<unknown>, unknown>([...firm.map((e) => [e.register, e.values[0]] as const), [register, value]]);
        place.looked.clear();
        const is = place.sight(member, thread, as);
        return is !== false && place.looked.has(register);
      });
      if (!mayGain) return;
      this.#sightOf(member, thread).gains.push(gain);
      this.#gained(member, thread);
    });
  }

  #lookAgain(place: AuthorityPlace, at: number, entry: number): void {
    this.#each(place, (member, thread) => {
      const sight = this.#sightOf(member, thread);
      const is = place.sight(member, thread);
      if (sight.is !== false && is === false) Object.assign(sight, { lostAt: at, lossEntry: entry });
      if (sight.is === true && is !== true) sight.lossCalled = at;
      sight.is = is;
    });
  }

  #each(place: AuthorityPlace, run: (member: string, thread: string) => void): void {
    for (const thread of place.threads) for (const member of place.members) run(member, thread);
  }

  #sightOf(member: string, thread: string): Sight {
    const key = `${member} ${thread}`;
    let sight = this.#sights.get(key);
    if (!sight) {
      sight = { is: undefined, lostAt: 0, lossCalled: Number.POSITIVE_INFINITY, lossEntry: 0, gains: [] };
      this.#sights.set(key, sight);
    }
    return sight;
  }
}

const written = (effects: readonly Effect[], { at }: Call): Open['writes'] =>
  effects.flatMap((effect) => effect.values.map((value) => ({ effect, write: effect.register.call(value, at) })));

/**
 * Whether a refusal says that nothing was done, whatever became of earlier tries. Of what somebody does to themselves
 * one cannot tell: when it was done, the same call again is refused.
 */
const isNothing = ({ outcome, code, again }: Answer, { act, member }: Call): boolean => {
  if (outcome !== 'refused' || again || code === undefined) return false;
  if (act.do === 'hand_over' || ('whom' in act && act.whom === member)) return false;
  const known = errorTable[code as ErrorCode] as { retryable: boolean } | undefined;
  return known !== undefined && !known.retryable;
};
