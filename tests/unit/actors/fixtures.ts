import type { Actor, ActorContext, ActorKind, Message } from '../../../src/actors/runtime/actor.js';
import type { CatalogLimits } from '../../../src/actors/runtime/catalog.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { type Clock, FakeClock } from '../../../src/kernel/clock.js';
import { createLogger, type Logger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';

/** A logger whose lines are kept, to look at. */
export const recordingLogger = (): { logger: Logger; lines: Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'info', node: 'test' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { logger, lines };
};

export const kindOf = (
  name: string,
  create: (context: ActorContext) => Actor<never>,
  options: { idleMs?: number; mailboxLimit?: number } = {},
): ActorKind => ({
  name,
  create: create as (context: ActorContext) => Actor<Message>,
  idleMs: options.idleMs ?? 60_000,
  mailboxLimit: options.mailboxLimit ?? 100,
});

export interface Local {
  clock: FakeClock;
  system: LocalActorSystem;
  telemetry: Telemetry;
  lines: Record<string, unknown>[];
  escalated: unknown[];
}

export const local = (kinds: ActorKind[], limits: Partial<CatalogLimits> = {}): Local => {
  const clock = new FakeClock();
  const telemetry = new Telemetry();
  const { logger, lines } = recordingLogger();
  const escalated: unknown[] = [];
  const system = new LocalActorSystem({ kinds, clock, logger, telemetry, limits, onEscalate: (_, error) => escalated.push(error) });
  return { clock, system, telemetry, lines, escalated };
};

/** A promise that is settled from outside. */
export const gate = <T = void>(): { promise: Promise<T>; open: (value: T) => void } => {
  let open: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
};

/** Lets what is ready run; time stands still. */
export const settle = async (rounds = 5): Promise<void> => {
  for (let i = 0; i < rounds; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** Moves time until something is true. */
export const until = async (clock: FakeClock, done: () => boolean, limitMs = 30_000): Promise<void> => {
  for (let passed = 0; !done(); passed += 10) {
    if (passed > limitMs) throw new Error(`still not true after ${limitMs} ms`);
    await clock.advance(10);
  }
};

/** An outcome as a value: what an ask answered or the code it failed with. */
export const outcome = (ask: Promise<unknown>): Promise<unknown> => ask.catch((error: { code?: string }) => `!${error.code}`);

export type { Clock };
