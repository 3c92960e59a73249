/** Mailboxes with at most so many messages are not told apart: theirs is the ordinary state of a busy node. */
const CROWDED = 16;

interface Crowd {
  /** Messages that wait. */
  readonly depth: number;
}

/**
 * How much waits in all mailboxes of a node, kept while messages come and go: reading it is cheap enough to ask before every
 * request. The sum is exact; of the mailboxes only those that are crowded are known one by one.
 */
export class MailboxLoad {
  /** Messages that wait in all mailboxes; the mailboxes count it. */
  messages = 0;
  /** Asks that have had their turn and wait for their answers all the same; the contexts count it. */
  owed = 0;
  readonly #crowded = new Set<Crowd>();

  /** Something came into it. */
  grew(crowd: Crowd): void {
    if (crowd.depth > CROWDED) this.#crowded.add(crowd);
  }

  /** Messages in the fullest mailbox; 0 while none holds more than 16. */
  deepest(): number {
    let deepest = 0;
    for (const crowd of this.#crowded) {
      const { depth } = crowd;
      if (depth <= CROWDED) this.#crowded.delete(crowd);
      else if (depth > deepest) deepest = depth;
    }
    return deepest;
  }
}
