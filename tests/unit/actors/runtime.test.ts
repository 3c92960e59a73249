import { describe, expect, it } from '@jest/globals';
import type { ActorContext, Message, Reply } from '../../../src/actors/runtime/actor.js';
import { Escalate } from '../../../src/actors/runtime/supervision.js';
import { Fault } from '../../../src/kernel/errors.js';
import { currentScope, withScope } from '../../../src/kernel/scope.js';
import { gate, kindOf, local, outcome, settle } from './fixtures.js';

const a1 = { kind: 'a', key: '1' };
const go = { type: 'go' };

describe('turns', () => {
  it('never overlap, however a turn awaits in between', async () => {
    let inside = 0;
    let worst = 0;
    const order: number[] = [];
    const { system } = local([
      kindOf('a', () => ({
        async receive(m: { type: 'go'; n: number }) {
          worst = Math.max(worst, ++inside);
          for (let i = 0; i < m.n % 4; i++) await settle(1);
          order.push(m.n);
          inside--;
          return m.n;
        },
      })),
    ]);
    const asks = Array.from({ length: 40 }, (_, n) => system.ask(a1, { type: 'go', n } as Message));
    expect(await Promise.all(asks)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(worst).toBe(1);
    expect(order).toEqual([...order].sort((x, y) => x - y));
  });

  it('of two actors that tell each other for ever leave the event loop its turns', async () => {
    let turns = 0;
    let on = true;
    const other = { a: { kind: 'b', key: '1' }, b: { kind: 'a', key: '1' } };
    const pingPong = (name: 'a' | 'b') =>
      kindOf(name, (context: ActorContext) => ({
        receive() {
          turns++;
          if (on) context.tell(other[name], go);
        },
      }));
    const { system } = local([pingPong('a'), pingPong('b')]);
    system.tell(a1, go);
    await settle(3);
    on = false;
    expect(turns).toBeGreaterThan(1_000);
    await settle(3);
  });

  it('run in the scope of their message alone', async () => {
    const seen: unknown[] = [];
    const { system } = local([
      kindOf('a', () => ({
        async receive() {
          await settle(1);
          seen.push(currentScope()?.request_id);
        },
      })),
    ]);
    await withScope({ request_id: 'r1' }, async () => {
      system.tell({ kind: 'a', key: 'x' }, go);
      await settle(1);
    });
    await system.ask({ kind: 'a', key: 'y' }, go);
    await withScope({ request_id: 'r2' }, () => system.ask({ kind: 'a', key: 'x' }, go));
    expect(seen).toEqual(['r1', undefined, 'r2']);
  });

  it('without a scope do not inherit that of whoever happened to wake the queue', async () => {
    const seen: Record<string, unknown> = {};
    const { system } = local([
      kindOf('a', (c: ActorContext) => ({
        receive() {
          seen[c.address.key] = currentScope()?.request_id;
        },
      })),
    ]);
    // The first wakes the queue from within its scope; the second is taken in the same go.
    withScope({ request_id: 'r1' }, () => system.tell({ kind: 'a', key: 'scoped' }, go));
    system.tell({ kind: 'a', key: 'bare' }, go);
    await settle();
    expect(seen).toEqual({ scoped: 'r1', bare: undefined });
  });
});

describe('mailbox', () => {
  it('refuses what exceeds its bound with `overloaded`, and takes more once there is room', async () => {
    const hold = gate();
    const { system, telemetry } = local([kindOf('a', () => ({ receive: () => hold.promise }), { mailboxLimit: 3 })]);
    const first = outcome(system.ask(a1, go));
    await settle();
    const rest = Array.from({ length: 5 }, () => outcome(system.ask(a1, go)));
    system.tell(a1, go);
    await settle();
    hold.open();
    expect(await first).toBeUndefined();
    expect(await Promise.all(rest)).toEqual([undefined, undefined, undefined, '!overloaded', '!overloaded']);
    expect(await outcome(system.ask(a1, go))).toBeUndefined();
    expect(await telemetry.registry.metrics()).toContain('parley_actor_dead_letters_total{reason="overloaded"} 1');
  });

  it('says when to come back', async () => {
    const { system } = local([kindOf('a', () => ({ receive: () => new Promise(() => undefined) }), { mailboxLimit: 1 })]);
    for (let i = 0; i < 2; i++) system.tell(a1, go);
    await settle();
    system.tell(a1, go);
    await expect(system.ask(a1, go)).rejects.toMatchObject({ code: 'overloaded', retry_after_ms: expect.any(Number) });
  });
});

describe('an answer at once', () => {
  const asks = (answerAtOnce: (m: { type: string }) => unknown) => {
    const hold = gate();
    const turns: string[] = [];
    const { system } = local([
      kindOf('a', () => ({
        async receive(m: { type: string }) {
          turns.push(m.type);
          if (m.type === 'hold') await hold.promise;
          return 'by a turn';
        },
        answerAtOnce,
      })),
    ]);
    return { hold, turns, ask: (type: string) => outcome(system.ask(a1, { type })), tell: (type: string) => system.tell(a1, { type }) };
  };

  it('does not wait for the turn that runs, nor take one', async () => {
    const { hold, turns, ask } = asks(({ type }) => (type === 'look' ? 'at once' : undefined));
    const held = ask('hold');
    await settle();
    expect(await ask('look')).toBe('at once');
    hold.open();
    expect(await held).toBe('by a turn');
    expect(turns).toEqual(['hold']);
  });

  it('may be promised: the turn ends meanwhile or not, and a refusal is one', async () => {
    const found = gate();
    const { hold, turns, ask } = asks(async ({ type }) => {
      await found.promise;
      if (type === 'refused') throw new Fault('not_found');
      return 'at once';
    });
    const held = ask('hold');
    await settle();
    const looks = [ask('look'), ask('refused')];
    await settle();
    found.open();
    expect(await Promise.all(looks)).toEqual(['at once', '!not_found']);
    hold.open();
    expect(await held).toBe('by a turn');
    expect(turns).toEqual(['hold']);
  });

  it.each([
    ['knows no answer', () => undefined],
    [
      'fails',
      () => {
        throw new Error('not now');
      },
    ],
  ])('is not given where the actor %s: the ask waits for its turn', async (_, answerAtOnce) => {
    const { hold, turns, ask } = asks(answerAtOnce);
    const held = ask('hold');
    await settle();
    const look = ask('look');
    await settle();
    expect(turns).toEqual(['hold']);
    hold.open();
    expect(await Promise.all([held, look])).toEqual(['by a turn', 'by a turn']);
  });

  it('is for asks: what is told has its turn', async () => {
    const { hold, turns, ask, tell } = asks(() => 'at once');
    const held = ask('hold');
    await settle();
    tell('news');
    hold.open();
    await held;
    await settle();
    expect(turns).toEqual(['hold', 'news']);
  });

  it('is not needed where no turn runs', async () => {
    const { ask } = asks(() => 'at once');
    expect(await ask('look')).toBe('by a turn');
  });
});

describe('deadlines', () => {
  it('end an ask whose turn does not end', async () => {
    const { system, clock } = local([kindOf('a', () => ({ receive: () => new Promise(() => undefined) }))]);
    const ask = outcome(system.ask(a1, go, { timeoutMs: 100 }));
    await clock.advance(90);
    expect(await Promise.race([ask, settle().then(() => 'waits')])).toBe('waits');
    await clock.advance(20);
    expect(await ask).toBe('!timeout');
  });

  it('answer an ask that waited too long without a turn', async () => {
    const hold = gate();
    const seen: string[] = [];
    const { system, clock } = local([
      kindOf('a', () => ({
        async receive(m: { type: string }) {
          seen.push(m.type);
          if (m.type === 'hold') await hold.promise;
        },
      })),
    ]);
    void outcome(system.ask(a1, { type: 'hold' }));
    const late = outcome(system.ask(a1, { type: 'late' }, { timeoutMs: 50 }));
    const patient = outcome(system.ask(a1, { type: 'patient' }, { timeoutMs: 1_000 }));
    await clock.advance(60);
    expect(await late).toBe('!timeout');
    hold.open();
    await patient;
    expect(seen).toEqual(['hold', 'patient']);
  });

  it('are bounded in number', async () => {
    const { system, clock } = local([kindOf('a', () => ({ receive: () => new Promise(() => undefined) }))], { pendingAsks: 2 });
    const asks = [1, 2, 3].map(() => outcome(system.ask(a1, go, { timeoutMs: 60_000 })));
    expect(await asks[2]).toBe('!overloaded');
    const stopped = system.stop();
    await clock.advance(12_000);
    await stopped;
    expect(await asks[0]).toBe('!timeout');
  });
});

describe('defer', () => {
  const deferring = (replies: Reply[], ended: string[] = []) =>
    kindOf('a', (context: ActorContext) => ({
      receive(m: { type: string }) {
        if (m.type === 'quick') return 'quick';
        replies.push(context.defer());
        if (m.type === 'fails') throw new Fault('conflict');
        return 'ignored';
      },
      deactivate: (reason) => void ended.push(reason),
    }));

  it('lets the next turn begin and the answer come later, once', async () => {
    const replies: Reply[] = [];
    const { system } = local([deferring(replies)]);
    const slow = system.ask(a1, { type: 'slow' });
    expect(await system.ask(a1, { type: 'quick' })).toBe('quick');
    replies[0]!.resolve('first');
    replies[0]!.reject(new Error('second'));
    expect(await slow).toBe('first');
  });

  it('counts what is owed until it is answered, or the activation has ended', async () => {
    const replies: { resolve(value: unknown): void }[] = [];
    const { system } = local([
      kindOf('a', (context) => ({
        receive: () => void replies.push(context.defer()),
      })),
    ]);
    const asks = Array.from({ length: 3 }, () => outcome(system.ask(a1, go)));
    await settle();
    expect(system.catalog.waiting()).toMatchObject({ messages: 0, owed: 3 });
    replies[0]!.resolve(1);
    replies[0]!.resolve(2);
    expect(system.catalog.waiting().owed).toBe(2);
    await system.stop();
    await Promise.all(asks);
    expect(system.catalog.waiting().owed).toBe(0);
  });

  it('fails with `timeout` what is unanswered when the activation ends', async () => {
    const replies: Reply[] = [];
    const { system } = local([deferring(replies)]);
    const slow = outcome(system.ask(a1, { type: 'slow' }));
    await settle();
    await system.catalog.evacuate(() => true, 'handoff');
    expect(await slow).toBe('!timeout');
  });

  it('keeps the actor from idle passivation while an answer is owed', async () => {
    const replies: Reply[] = [];
    const ended: string[] = [];
    const { system, clock } = local([deferring(replies, ended)]);
    const slow = system.ask(a1, { type: 'slow' }, { timeoutMs: 300_000 });
    await clock.advance(120_000);
    expect(ended).toEqual([]);
    replies[0]!.resolve('done');
    expect(await slow).toBe('done');
    await clock.advance(2_000);
    expect(ended).toEqual(['idle']);
  });

  it('answers the deferred reply when the turn fails after it', async () => {
    const { system, clock } = local([deferring([])]);
    expect(await outcome(system.ask(a1, { type: 'fails' }))).toBe('!conflict');
    await clock.advance(120_000);
    expect(system.catalog.size).toBe(0);
  });

  it('is refused outside a turn', async () => {
    const contexts: ActorContext[] = [];
    const { system } = local([kindOf('a', (c: ActorContext) => ({ receive: () => void contexts.push(c) }))]);
    await system.ask(a1, go);
    expect(() => contexts[0]?.defer()).toThrow('outside a turn');
  });
});

describe('tellSelf', () => {
  it('goes ahead of the mailbox', async () => {
    const seen: string[] = [];
    const { system } = local([
      kindOf('a', (context: ActorContext) => ({
        receive(m: { type: string }) {
          seen.push(m.type);
          if (m.type === 'first') context.tellSelf({ type: 'own' });
        },
      })),
    ]);
    system.tell(a1, { type: 'first' });
    await system.ask(a1, { type: 'second' });
    expect(seen).toEqual(['first', 'own', 'second']);
  });

  it('after a while comes in time, unless cancelled or the activation ended', async () => {
    const seen: string[] = [];
    const { system, clock } = local([
      kindOf('a', (context: ActorContext) => ({
        receive(m: { type: string }) {
          seen.push(m.type);
          if (m.type !== 'start') return;
          context.tellSelfAfter(50, { type: 'due' });
          context.tellSelfAfter(60, { type: 'cancelled' }).cancel();
          context.tellSelfAfter(500, { type: 'too late' });
        },
      })),
    ]);
    await system.ask(a1, { type: 'start' });
    await clock.advance(100);
    await system.catalog.evacuate(() => true, 'handoff');
    await clock.advance(1_000);
    expect(seen).toEqual(['start', 'due']);
  });
});

describe('activation', () => {
  it('joins messages that arrive while it activates, and fails them all when it throws', async () => {
    const hold = gate();
    let lives = 0;
    const { system } = local([
      kindOf('a', () => ({
        async activate() {
          await hold.promise;
          if (++lives === 1) throw new Fault('not_found');
        },
        receive: () => lives,
      })),
    ]);
    const asks = [1, 2].map(() => outcome(system.ask(a1, go)));
    await settle();
    const third = outcome(system.ask(a1, go));
    hold.open();
    expect(await Promise.all([...asks, third])).toEqual(['!not_found', '!not_found', '!not_found']);
    expect(await system.ask(a1, go)).toBe(2);
  });

  it('passivates what is idle, and activates it anew', async () => {
    const events: string[] = [];
    let lives = 0;
    const { system, clock } = local([
      kindOf(
        'a',
        () => ({ activate: () => void events.push(`up ${++lives}`), receive: () => lives, deactivate: (r) => void events.push(r) }),
        { idleMs: 5_000 },
      ),
    ]);
    await system.ask(a1, go);
    await clock.advance(4_000);
    await system.ask(a1, go);
    await clock.advance(4_500);
    expect(events).toEqual(['up 1']);
    await clock.advance(2_000);
    expect(events).toEqual(['up 1', 'idle']);
    expect(system.catalog.size).toBe(0);
    expect(await system.ask(a1, go)).toBe(2);
  });

  it('begins only after the old deactivate has ended, and no message falls between', async () => {
    const hold = gate();
    const events: string[] = [];
    const { system } = local([
      kindOf('a', (context: ActorContext) => ({
        activate: () => void events.push('up'),
        receive: (m: { type: string }) => (m.type === 'end' ? context.passivate() : 'served'),
        async deactivate() {
          events.push('ending');
          await hold.promise;
          events.push('ended');
        },
      })),
    ]);
    await system.ask(a1, { type: 'end' });
    const during = system.ask(a1, go);
    await settle();
    expect(events).toEqual(['up', 'ending']);
    hold.open();
    expect(await during).toBe('served');
    expect(events).toEqual(['up', 'ending', 'ended', 'up']);
  });

  it('ends the longest idle when there are too many', async () => {
    const ended: string[] = [];
    const { system, clock } = local(
      [kindOf('a', (c: ActorContext) => ({ receive: () => undefined, deactivate: (r) => void ended.push(`${c.address.key} ${r}`) }))],
      { activations: 10 },
    );
    for (let i = 0; i < 13; i++) {
      await system.ask({ kind: 'a', key: `${i}` }, go);
      await clock.advance(10);
    }
    await clock.advance(1_000);
    expect(system.catalog.size).toBe(10);
    expect(ended).toEqual(['0 memory', '1 memory', '2 memory']);
  });

  it('hands over what waits when its slot goes, oldest first, and answers what comes later', async () => {
    const hold = gate();
    const { system } = local([kindOf('a', () => ({ receive: () => hold.promise }))]);
    void outcome(system.ask(a1, go));
    await settle();
    for (let n = 0; n < 3; n++) system.tell(a1, { type: 'go', n } as Message);
    const leftover = system.catalog.evacuate(() => true, 'handoff');
    await settle();
    hold.open();
    expect((await leftover).map((e) => (e.message as unknown as { n: number }).n)).toEqual([0, 1, 2]);
    expect(system.catalog.size).toBe(0);
  });

  it('that is lost gives up its place at once, while its turn ends on its own', async () => {
    const hold = gate();
    const events: string[] = [];
    const { system } = local([
      kindOf('a', () => ({
        receive: (m: { type: string }) => (m.type === 'hold' ? hold.promise : 'new'),
        deactivate: (r) => void events.push(r),
      })),
    ]);
    const running = outcome(system.ask(a1, { type: 'hold' }));
    await settle();
    await system.catalog.evacuate(() => true, 'lost');
    expect(await system.ask(a1, go)).toBe('new');
    hold.open();
    await running;
    await settle();
    expect(events).toEqual(['lost']);
  });

  it('that is lost while it comes to life is told of as living at no time, and takes no turn', async () => {
    const hold = gate();
    const turns: string[] = [];
    const { system, telemetry } = local([kindOf('a', () => ({ activate: () => hold.promise, receive: () => void turns.push('turn') }))]);
    const asked = outcome(system.ask(a1, go));
    await settle();
    const leftover = await Promise.race([system.catalog.evacuate(() => true, 'lost'), settle().then(() => [])]);
    hold.open();
    await settle();
    const counted = (await telemetry.activationSeconds.get()).values.find(({ metricName }) => metricName?.endsWith('_count'));
    expect([turns, counted?.value ?? 0, system.catalog.size]).toEqual([[], 0, 0]);
    for (const envelope of leftover) envelope.reply?.resolve('elsewhere');
    await Promise.race([asked, settle()]);
  });

  it('is not kept by a deactivate that never ends', async () => {
    const { system, clock } = local([
      kindOf('a', (c: ActorContext) => ({ receive: () => c.passivate(), deactivate: () => new Promise(() => undefined) })),
    ]);
    await system.ask(a1, go);
    const next = outcome(system.ask(a1, go, { timeoutMs: 20_000 }));
    await clock.advance(11_000);
    expect(await next).toBeUndefined();
  });

  it('of an unknown kind is refused', async () => {
    const { system } = local([]);
    expect(await outcome(system.ask(a1, go))).toBe('!unavailable');
  });
});

describe('supervision', () => {
  const failing = () => {
    const events: string[] = [];
    let lives = 0;
    const kind = kindOf('a', () => {
      const life = ++lives;
      return {
        receive(m: { type: string }) {
          if (m.type === 'refuse') throw new Fault('forbidden');
          if (m.type === 'break') throw new Error('a defect');
          if (m.type === 'fatal') throw new Escalate('no way on');
          return life;
        },
        deactivate: (reason) => void events.push(reason),
      };
    });
    return { kind, events };
  };

  it('takes a Fault for an answer', async () => {
    const { kind, events } = failing();
    const { system } = local([kind]);
    expect(await outcome(system.ask(a1, { type: 'refuse' }))).toBe('!forbidden');
    expect(await system.ask(a1, go)).toBe(1);
    expect(events).toEqual([]);
  });

  it('restarts after a defect, answers `unavailable` and logs it', async () => {
    const { kind, events } = failing();
    const { system, lines } = local([kind]);
    const broken = outcome(system.ask(a1, { type: 'break' }));
    expect(await system.ask(a1, go)).toBe(2);
    expect(await broken).toBe('!unavailable');
    expect(events).toEqual(['restart']);
    expect(lines.some((l) => String(l.msg).includes('defect'))).toBe(true);
  });

  it('stops an address that fails too often until it has cooled down', async () => {
    const { kind } = failing();
    const { system, clock, telemetry } = local([kind]);
    for (let i = 0; i < 6; i++) expect(await outcome(system.ask(a1, { type: 'break' }))).toBe('!unavailable');
    await expect(system.ask(a1, go)).rejects.toMatchObject({ code: 'unavailable', retry_after_ms: 30_000 });
    expect(await system.ask({ kind: 'a', key: 'another' }, go)).toBe(7);
    await clock.advance(30_000);
    expect(await system.ask(a1, go)).toBe(8);
    expect(await telemetry.registry.metrics()).toContain('parley_actor_restarts_total{kind="a",directive="stop"} 1');
  });

  it('forgets failures that lie outside the window', async () => {
    const { kind } = failing();
    const { system, clock } = local([kind]);
    for (let i = 0; i < 12; i++) {
      expect(await outcome(system.ask(a1, { type: 'break' }))).toBe('!unavailable');
      await clock.advance(15_000);
    }
    expect(await system.ask(a1, go)).toBe(13);
  });

  it('hands what is fatal to the node', async () => {
    const { kind } = failing();
    const { system, escalated } = local([kind]);
    expect(await outcome(system.ask(a1, { type: 'fatal' }))).toBe('!unavailable');
    expect(escalated).toHaveLength(1);
  });
});

describe('a chain of asks', () => {
  const asking = (name: string, next: string) =>
    kindOf(name, (context: ActorContext) => ({ receive: () => context.ask({ kind: next, key: '1' }, go, { timeoutMs: 1_000 }) }));

  it('that comes back is refused instead of waiting for itself', async () => {
    const { system, lines } = local([asking('a', 'b'), asking('b', 'c'), asking('c', 'a')]);
    expect(await outcome(system.ask(a1, go))).toBe('!unavailable');
    expect(lines.find((l) => l.chain)).toMatchObject({ chain: ['a/1', 'b/1', 'c/1', 'a/1'] });
  });

  it('to oneself is refused', async () => {
    const { system } = local([asking('a', 'a')]);
    expect(await outcome(system.ask(a1, go))).toBe('!unavailable');
  });

  it('that does not come back is fine, also to the same actor twice in a row', async () => {
    const { system } = local([
      kindOf('a', (c: ActorContext) => ({
        receive: async () => [await c.ask({ kind: 'b', key: '1' }, go), await c.ask({ kind: 'b', key: '1' }, go)],
      })),
      kindOf('b', () => ({ receive: () => 'b' })),
    ]);
    expect(await system.ask(a1, go)).toEqual(['b', 'b']);
  });
});
