import type { StoragePort } from './token-store.js';

export interface KeptDraft {
  readonly content: string;
  /** When the server was told of it, ms, so that it has it but for an accident; null: not yet. */
  readonly saidAt: number | null;
}

/** Where what a member wrote is kept until their ledger has it, by place. */
export interface DraftStore {
  read(): Map<string, KeptDraft>;
  /** Null: it is kept no longer. */
  write(place: string, draft: KeptDraft | null): void;
}

/** Ends with the process. */
export const memoryDrafts = (): DraftStore => {
  const kept = new Map<string, KeptDraft>();
  return {
    read: () => new Map(kept),
    write: (place, draft) => void (draft === null ? kept.delete(place) : kept.set(place, draft)),
  };
};

const prefix = 'parley.draft.';

const parsed = (text: string | null): KeptDraft | null => {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<KeptDraft> | null;
    return typeof value?.content === 'string' ? { content: value.content, saidAt: value.saidAt ?? null } : null;
  } catch {
    return null;
  }
};

/**
 * In the browser's storage, one entry a place, so that tabs do not write over each other. What it has no room for ends
 * with the page.
 */
export const webDrafts =
  (storage: StoragePort & Pick<Storage, 'key' | 'length'>) =>
  (memberId: string): DraftStore => {
    const of = `${prefix}${memberId}.`;
    return {
      read: () => {
        const kept = new Map<string, KeptDraft>();
        for (let at = 0; at < storage.length; at++) {
          const key = storage.key(at);
          const draft = key?.startsWith(of) ? parsed(storage.getItem(key)) : null;
          if (key && draft) kept.set(key.slice(of.length), draft);
        }
        return kept;
      },
      write: (place, draft) => {
        try {
          if (draft === null) storage.removeItem(of + place);
          else storage.setItem(of + place, JSON.stringify(draft));
        } catch {
          // No room, or none at all in this kind of window.
        }
      },
    };
  };
