/** One entry of an inbox. `number` counts a sender's entries to one inbox, so that one appended twice is known. */
export interface MailEntry {
  readonly from: string;
  readonly number: number;
  /** A JSON array of wire items. */
  readonly body: string;
}

export interface MailReader {
  /** Reads no more. With `drop` the inbox is deleted in one step, and what was unread in it is handed over before this resolves. */
  close(drop: boolean): Promise<void>;
  /** Keeps the inbox from expiring; call at least every 20 s. False: it is gone, and a new one must be opened. */
  keep(): Promise<boolean>;
}

/** Port: one inbox an instance; entries of one sender arrive in the order of their sending. */
export interface Mail {
  /** Makes the inbox and reads it. `receive` must not throw. */
  open(instance: string, receive: (entry: MailEntry) => void): Promise<MailReader>;
  /**
   * Appends to an inbox. False: there is no such inbox (any more). Rejects when the outcome is unknown; sending the same entry
   * again is safe.
   */
  send(to: string, entry: MailEntry): Promise<boolean>;
}
