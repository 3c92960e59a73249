const ofLedger = /^(?:community|thread):([0-9a-f]{24})/;

/**
 * The ids of all threads that something from a server names, at any depth: what it is about, and threads themselves. Of
 * a ledger the thread, or the community, that its audience follows from.
 */
export const namedThreads = (payload: unknown): Set<string> => {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null) {
      const { thread_id, id, last_activity, kind, key, ledger, items } = value as Record<string, unknown>;
      if (typeof thread_id === 'string') found.add(thread_id);
      if (last_activity !== undefined && typeof id === 'string') found.add(id);
      if ((kind === 'thread' || kind === 'read') && typeof key === 'string' && 'value' in value) found.add(key);
      const audience = typeof ledger === 'string' && Array.isArray(items) ? ofLedger.exec(ledger)?.[1] : undefined;
      if (audience !== undefined) found.add(audience);
      Object.values(value).forEach(look);
    }
  };
  look(payload);
  return found;
};

/** What is said of an event's way: of a change of a ledger also which one. */
export const wayOf = (event: string, payload: unknown): string =>
  event === 'ledger_changed' ? `${event} of ${String((payload as { ledger?: unknown }).ledger)}` : event;
