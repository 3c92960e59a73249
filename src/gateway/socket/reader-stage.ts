import type { Waiting } from './write-backlog.js';

/**
 * How far a reader lags: `prompt` gets everything; `slow` no hints; `behind` no changes of threads and ledgers either, and
 * a word for each that it missed once it has caught up with its buffer; `lost` is disconnected.
 */
export type ReaderStage = 'prompt' | 'slow' | 'behind' | 'lost';

export interface ReaderMarks {
  slow: Waiting;
  behind: Waiting;
  lost: Waiting;
  /** Below this a reader is prompt again. */
  drained: Waiting;
  /** Ms without any movement of what waits, after which a reader is lost. */
  stillMs: number;
}

const KiB = 1024;

/**
 * One turn of the event loop may publish a batch of 200 messages of one thread, which waits for even the promptest reader
 * until the next turn: `behind` begins well above.
 */
export const defaultMarks: ReaderMarks = {
  drained: { packets: 32, bytes: 32 * KiB },
  slow: { packets: 256, bytes: 256 * KiB },
  behind: { packets: 1_024, bytes: 1_024 * KiB },
  lost: { packets: 4_096, bytes: 4_096 * KiB },
  stillMs: 15_000,
};

const over = (waiting: Waiting, mark: Waiting): boolean => waiting.packets > mark.packets || waiting.bytes > mark.bytes;

/** Rises at once; falls only when what waits has drained, and then all the way. A lost reader stays lost. */
export const nextStage = (stage: ReaderStage, waiting: Waiting, stillForMs: number, marks: ReaderMarks): ReaderStage => {
  const isStill = waiting.packets + waiting.bytes > 0 && stillForMs >= marks.stillMs;
  if (stage === 'lost' || isStill || over(waiting, marks.lost)) return 'lost';
  if (over(waiting, marks.behind)) return 'behind';
  if (stage === 'prompt') return over(waiting, marks.slow) ? 'slow' : 'prompt';
  if (!over(waiting, marks.drained)) return 'prompt';
  return stage;
};
