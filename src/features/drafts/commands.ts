import { z } from 'zod';
import { command, type LivingSlice } from '../../actors/domain/slice.js';
import type { MemberSlice, MemberSliceContext } from '../../actors/domain/user/slice.js';
import { Fault } from '../../kernel/errors.js';
import { jsonBytes, ledgerBounds } from '../../protocol/ledgers.js';
import type { LedgerChange } from '../../store/contracts.js';
import { type Draft, draftBounds, draftItem } from './contract.js';

const { kind } = draftItem;

/** After the store did not answer. */
const againMs = 2_000;

export const save = z.object({ place: z.string(), content: z.string() });

type Placed = [place: string, draft: Draft];

/** Each small enough for one commit, with room for those that have to go. */
const inParts = (drafts: readonly Placed[]): Placed[][] => {
  const parts: Placed[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const draft of drafts) {
    const more = jsonBytes(draft);
    if (bytes + more > ledgerBounds.commitBytes / 2) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(draft);
    bytes += more;
  }
  return parts;
};

/** What one member is writing, place by place. */
class Drafts implements LivingSlice<string> {
  readonly #context: MemberSliceContext;
  /** Not committed yet, by place; empty ones are to go. */
  readonly #waiting = new Map<string, Draft>();
  /** When the next commit is due, monotonic ms. */
  #dueAt = Number.POSITIVE_INFINITY;

  readonly commands = { save: command(save, (_by: string, input) => this.#save(input)) };

  constructor(context: MemberSliceContext) {
    this.#context = context;
  }

  flush(): Promise<void> {
    return this.#commit();
  }

  async #save({ place, content }: z.output<typeof save>): Promise<null> {
    if (!this.#waiting.has(place) && this.#waiting.size >= draftBounds.drafts) {
      throw new Fault('rate_limited', 'Too many drafts at once', { retry_after_ms: againMs });
    }
    this.#waiting.set(place, { content, saved_at: new Date(this.#context.clock.now()).toISOString() });
    this.#commitIn(this.#context.gatherMs());
    return null;
  }

  #commitIn(ms: number): void {
    const at = this.#context.clock.monotonic() + ms;
    // Another device may have come since: then it is due sooner than was said.
    if (at >= this.#dueAt) return;
    this.#dueAt = at;
    this.#context.after(ms, async () => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      try {
        await this.#commit();
      } catch (error) {
        this.#commitIn(againMs);
        throw error;
      }
    });
  }

  /** All that wait, in as few commits as hold them; what is saved meanwhile waits for the next ones. */
  async #commit(): Promise<void> {
    for (const taken of inParts([...this.#waiting])) {
      await this.#context.ledger.commit(async () => {
        const changes = await this.#changes(taken);
        return { by: this.#context.id, operation: 'save_draft', changes };
      });
      for (const [place, draft] of taken) if (this.#waiting.get(place) === draft) this.#waiting.delete(place);
    }
  }

  /** Beyond as many as one may have, those go that were saved longest ago. */
  async #changes(taken: readonly Placed[]): Promise<LedgerChange[]> {
    const { ledger } = this.#context;
    const present = new Map((await ledger.items(kind, draftBounds.drafts)).map(({ key, value }) => [key, value as Draft]));
    const changed = new Set<string>();
    for (const [place, draft] of taken) {
      if (draft.content === present.get(place)?.content || (draft.content === '' && !present.has(place))) continue;
      changed.add(place);
      if (draft.content === '') present.delete(place);
      else present.set(place, draft);
    }
    const oldestFirst = [...present].sort(([, a], [, b]) => (a.saved_at < b.saved_at ? -1 : 1));
    for (const [place] of oldestFirst.slice(0, Math.max(0, present.size - draftBounds.drafts))) {
      changed.add(place);
      present.delete(place);
    }
    return [...changed].map((key): LedgerChange => {
      const value = present.get(key);
      return value ? { kind, key, value } : { kind, key, deleted: true };
    });
  }
}

export const draftSlice: MemberSlice = { name: 'drafts', create: (context) => new Drafts(context) };
