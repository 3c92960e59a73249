/**
 * Of which threads with subscribers here it is known that not every member of their community may view them, and whose
 * they are.
 */
export class ClosedRooms {
  readonly #communities = new Map<string, string>();
  readonly #isHere: (threadId: string) => boolean;
  #found: (threadId: string, communityId: string) => void = () => undefined;

  constructor(isHere: (threadId: string) => boolean) {
    this.#isHere = isHere;
  }

  /** Whether that is news. What nobody here subscribes to is not kept. */
  add(threadId: string, communityId: string): boolean {
    if (this.#communities.has(threadId) || !this.#isHere(threadId)) return false;
    this.#communities.set(threadId, communityId);
    return true;
  }

  onFound(listener: (threadId: string, communityId: string) => void): void {
    this.#found = listener;
  }

  /** What may have been missed: that it became closed, or who may view it. */
  found(threadId: string, communityId: string): void {
    this.add(threadId, communityId);
    if (this.#communities.has(threadId)) this.#found(threadId, communityId);
  }

  /** One of its rooms has nobody here any more. */
  emptied(threadId: string): void {
    if (!this.#isHere(threadId)) this.#communities.delete(threadId);
  }

  all(): [threadId: string, communityId: string][] {
    return [...this.#communities];
  }

  of(communityId: string): string[] {
    return this.all().flatMap(([threadId, community]) => (community === communityId ? [threadId] : []));
  }
}
