/** What members began to write and have not sent, while the page lives. Each sees their own only. */
export class Drafts {
  readonly #kept = new Map<string, Map<string, string>>();

  read(memberId: string, place: string): string {
    return this.#kept.get(memberId)?.get(place) ?? '';
  }

  write(memberId: string, place: string, text: string): void {
    const own = this.#kept.get(memberId) ?? new Map<string, string>();
    if (text === '') own.delete(place);
    else own.set(place, text);
    this.#kept.set(memberId, own);
  }

  /** A member signs out: nothing of theirs stays. */
  forget(memberId: string): void {
    this.#kept.delete(memberId);
  }
}

export const drafts = new Drafts();
