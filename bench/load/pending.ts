/** Requests without an answer, by the number of their acknowledgement, each with a time after which nobody waits for it any more. */
export interface Pending {
  deadline: number;
  /** `ok`: as the acknowledgement said. The bytes are only good until this returns. */
  done(ok: boolean, bytes: Buffer, start: number, end: number): void;
  late(): void;
}

export class PendingRequests {
  readonly #waiting = new Map<number, Pending>();
  #next = 1;

  get size(): number {
    return this.#waiting.size;
  }

  add(pending: Pending): number {
    const id = this.#next++;
    this.#waiting.set(id, pending);
    return id;
  }

  answer(id: number, bytes: Buffer, start: number, end: number): void {
    const pending = this.#waiting.get(id);
    if (!pending) return;
    this.#waiting.delete(id);
    pending.done(saysOk(bytes, start, end), bytes, start, end);
  }

  /** Times are performance.now()'s. In the order of their making, so the first one that has time left ends the look. */
  expire(now: number): void {
    for (const [id, pending] of this.#waiting) {
      if (pending.deadline > now) return;
      this.#waiting.delete(id);
      pending.late();
    }
  }
}

const yes = Buffer.from('[{"ok":true');
const saysOk = (bytes: Buffer, start: number, end: number): boolean =>
  end - start >= yes.length && bytes.compare(yes, 0, yes.length, start, start + yes.length) === 0;

/** The code of a refusal, and after how many ms to ask again. */
export const refusalIn = (bytes: Buffer, start: number, end: number): { code: string; retryMs: number } => {
  const text = bytes.toString('utf8', start, end);
  return { code: /"code":"([a-z_]+)"/.exec(text)?.[1] ?? 'unknown', retryMs: Number(/"retry_after_ms":(\d+)/.exec(text)?.[1] ?? 100) };
};

const headKey = Buffer.from('"head_rev":');
/** A join's answer says where the thread stands. */
export const headIn = (bytes: Buffer, start: number, end: number): number => {
  // The last one: the thread's own, which may lag, comes first.
  const at = bytes.subarray(start, end).lastIndexOf(headKey);
  return at < 0
    ? 0
    : Number.parseInt(bytes.toString('latin1', start + at + headKey.length, Math.min(end, start + at + headKey.length + 20)), 10);
};
