import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Lifecycle, type Part } from '../../../src/kernel/lifecycle.js';

describe('a lifecycle', () => {
  let told: string[];
  let log: string[];
  let clock: FakeClock;
  let lifecycle: Lifecycle;
  const part = (name: string, over: Partial<Part> = {}): Part => ({
    name,
    start: () => void told.push(`${name} starts`),
    stop: () => void told.push(`${name} stops`),
    ...over,
  });
  const failsWith = (message: string) => (): void => {
    throw new Error(message);
  };

  beforeEach(() => {
    told = [];
    log = [];
    clock = new FakeClock();
    const line = (level: string) => (fields: { part: string; ms: number; err?: Error }, text: string) =>
      void log.push(`${level} ${fields.part} ${text} ${fields.ms} ms${fields.err ? `: ${fields.err.message}` : ''}`);
    const logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
    lifecycle = new Lifecycle({ clock, logger: logger as never });
  });

  it('hands out the part itself, and starts and stops it with the others', async () => {
    const first = part('first');
    expect(lifecycle.use(first)).toBe(first);
    lifecycle.use(part('second'));
    expect(lifecycle.names).toEqual(['first', 'second']);
    await lifecycle.start();
    await lifecycle.start();
    await lifecycle.stop();
    await lifecycle.stop();
    expect(told).toEqual(['first starts', 'second starts', 'second stops', 'first stops']);
  });

  it('stops what was started before a part that cannot start, and names that part', async () => {
    lifecycle.use(part('first'));
    lifecycle.use(part('second', { start: failsWith('no port') }));
    lifecycle.use(part('third'));
    await expect(lifecycle.start()).rejects.toThrow(/^second: no port$/);
    expect(told).toEqual(['first starts', 'first stops']);
    expect(log).toContain('error second could not start 0 ms: no port');
  });

  it('stops every part, though one before it failed to', async () => {
    lifecycle.use(part('first'));
    lifecycle.use(part('second', { stop: failsWith('busy') }));
    await lifecycle.start();
    await lifecycle.stop();
    expect(told).toEqual(['first starts', 'second starts', 'first stops']);
    expect(log).toContain('error second could not stop 0 ms: busy');
  });

  it('says how long each start and stop took, louder when it was long', async () => {
    lifecycle.use(part('quick'));
    lifecycle.use(part('slow', { start: () => clock.sleep(1_500), stop: () => clock.sleep(300) }));
    const started = lifecycle.start();
    await clock.advance(1_500);
    await started;
    const stopped = lifecycle.stop();
    await clock.advance(300);
    await stopped;
    expect(log).toEqual(['debug quick started 0 ms', 'info slow started 1500 ms', 'debug slow stopped 300 ms', 'debug quick stopped 0 ms']);
  });

  it('warns of a stop that hangs while it does', async () => {
    lifecycle.use(part('stuck', { stop: () => new Promise(() => undefined) }));
    await lifecycle.start();
    void lifecycle.stop();
    await clock.advance(6_000);
    expect(log.at(-1)).toBe('warn stuck still waiting for its stop 5000 ms');
  });

  it('is stopping from the call on, until all is stopped', async () => {
    let atStop: boolean | undefined;
    lifecycle.use(
      part('first', {
        stop: () => {
          atStop = lifecycle.isStopping;
        },
      }),
    );
    await lifecycle.start();
    expect(lifecycle.isStopping).toBe(false);
    await lifecycle.stop();
    expect([atStop, lifecycle.isStopping]).toEqual([true, false]);
  });
});
