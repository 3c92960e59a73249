import type { z } from 'zod';

/**
 * One thing that an actor can be asked for by a feature. Its input is parsed where it enters the node. `B`: what is
 * known of who asks.
 */
export interface SliceCommand<B, S extends z.ZodType = z.ZodType> {
  input: S;
  /** Safe to repeat: an ask may come twice. `by`: who asks. */
  run(by: B, input: z.output<S>): Promise<unknown>;
}

/** A feature's part of one living actor. */
export interface LivingSlice<B> {
  /**
   * Before the first turn that asks for it, and again after a look at what others may have written. Rejects when the
   * store does not answer.
   */
  load?(): Promise<void>;
  /**
   * Finishes what a crash may have left, soon after the actor came to life and after each look at what others may have
   * written. It is asked of every actor that comes to life: one read of an index, where nothing is owed. Tried again
   * when it rejects.
   */
  wake?(): Promise<void>;
  /**
   * Brings the ledgers that it has along with what they copy, in a turn: before somebody asks what has changed there,
   * and after others may have written. It is loaded by then. Rejects when that cannot be known.
   */
  bringAlong?(): Promise<void>;
  /**
   * Writes what waits, in a turn: when somebody asks what has changed, and after the last turn, where the actor still
   * owns its subject. A crash comes without it.
   */
  flush?(): Promise<void>;
  commands: Readonly<Record<string, SliceCommand<B>>>;
}

/** What a feature adds to an actor: a state of its own and commands, never the actor's inside. */
export interface Slice<C, B> {
  name: string;
  create(context: C): LivingSlice<B>;
}

/** Keeps the types of a command. */
export const command = <B, S extends z.ZodType>(input: S, run: (by: B, input: z.output<S>) => Promise<unknown>): SliceCommand<B> =>
  ({ input, run }) as SliceCommand<B>;
