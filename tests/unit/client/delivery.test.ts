import { describe, expect, it } from '@jest/globals';
import type { EmitOptions } from '../../../src/client/connection.js';
import { deliver } from '../../../src/client/delivery.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { me, ThreadModel, threadId } from './thread-model.js';

const message = new ThreadModel().create(me, 'x').payload.message;

/** A door that answers each attempt in turn, after some time. */
const doorOf = (clock: FakeClock, answers: (Fault | 'ok')[]) => {
  const seen: { nonce: string; at: number; timeoutMs: number | undefined }[] = [];
  const emit = async (_event: string, payload: { nonce?: string }, options: EmitOptions) => {
    seen.push({ nonce: payload.nonce ?? '', at: clock.monotonic(), timeoutMs: options.timeoutMs });
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    await clock.sleep(answer instanceof Fault && answer.code === 'timeout' ? (options.timeoutMs ?? 0) : 10);
    if (answer === 'ok') return { message };
    throw answer;
  };
  return { seen, emit: emit as unknown as Parameters<typeof deliver>[0]['emit'] };
};

describe('delivery', () => {
  it('keeps one nonce over time-outs, losses and refusals until it is acknowledged', async () => {
    const clock = new FakeClock();
    const { seen, emit } = doorOf(clock, [
      new Fault('timeout'),
      new Fault('unavailable'),
      new Fault('rate_limited', undefined, { retry_after_ms: 4_000 }),
      'ok',
    ]);
    const sent = deliver({ clock, random: () => 0.5, emit }, threadId, { content: 'x' });
    await clock.advance(20_000);
    await expect(sent).resolves.toEqual(message);
    expect(new Set(seen.map((one) => one.nonce)).size).toBe(1);
    expect(seen[0]?.nonce).toMatch(/^[0-9a-f]{32}$/);
    expect(seen).toHaveLength(4);
    expect(seen[3]!.at - seen[2]!.at).toBe(10 + 5_000);
  });

  it('gives up at once on what can never work', async () => {
    const clock = new FakeClock();
    const { seen, emit } = doorOf(clock, [new Fault('forbidden')]);
    const sent = expect(deliver({ clock, random: () => 0.5, emit }, threadId, { content: 'x' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await clock.advance(100);
    await sent;
    expect(seen).toHaveLength(1);
  });

  it('ends within its time and says when the outcome is unknown', async () => {
    const clock = new FakeClock();
    const { seen, emit } = doorOf(clock, [new Fault('timeout'), new Fault('unavailable')]);
    const sent = expect(
      deliver({ clock, random: () => 0.5, emit }, threadId, { content: 'x', nonce: 'kept' }, { withinMs: 12_000 }),
    ).rejects.toMatchObject({ code: 'timeout' });
    await clock.advance(12_000);
    await sent;
    expect(seen.every((one) => one.nonce === 'kept' && one.at + (one.timeoutMs ?? 0) <= 12_000)).toBe(true);
    const unsent = doorOf(clock, [new Fault('unavailable')]);
    const never = expect(
      deliver({ clock, random: () => 0.5, emit: unsent.emit }, threadId, { content: 'x' }, { withinMs: 3_000 }),
    ).rejects.toMatchObject({ code: 'unavailable' });
    await clock.advance(3_000);
    await never;
  });
});
