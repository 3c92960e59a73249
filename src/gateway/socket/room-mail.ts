/** An event on its way to a room. */
export interface RoomEvent {
  readonly name: string;
  /** `["name",payload]` as JSON: made once, whatever the number of receivers and nodes. */
  readonly text: string;
  /** The change of a thread that it carries, or that it tells to catch up to. */
  readonly change: ThreadChange | undefined;
}
export interface ThreadChange {
  readonly thread_id: string;
  readonly rev: number;
}

/** Events of one room that go the same way: to all of it, or to all but those who are in another room too. */
export interface RoomMail {
  readonly events: readonly RoomEvent[];
  readonly except: string | undefined;
}

type Header = [version: 1, from: string, except: string | null, events: [name: string, threadId: string, rev: number][]];

/**
 * Between nodes: a line that says what follows, then a line an event. JSON holds no line breaks, so the receiver cuts the text
 * apart and passes the events on as they are.
 */
export const encodeMail = (from: string, { events, except }: RoomMail): string => {
  const header: Header = [1, from, except ?? null, events.map((e) => [e.name, e.change?.thread_id ?? '', e.change?.rev ?? 0])];
  let text = JSON.stringify(header);
  for (const event of events) text += `\n${event.text}`;
  return text;
};

/** Undefined for one's own mail and for what cannot be read. Payloads are believed to be JSON: each node has made its own. */
export const decodeMail = (self: string, text: string): RoomMail | undefined => {
  // Every publication comes back to the node that made it.
  if (text.startsWith(`[1,${JSON.stringify(self)},`)) return undefined;
  const lines = text.split('\n');
  const header = parseHeader(lines[0] ?? '');
  if (!header || header[3].length !== lines.length - 1) return undefined;
  if (!header[3].every(([name], i) => carries(lines[i + 1]!, name))) return undefined;
  const events = header[3].map(([name, thread_id, rev], i) => ({
    name,
    text: lines[i + 1]!,
    change: thread_id === '' ? undefined : { thread_id, rev },
  }));
  return { events, except: header[2] ?? undefined };
};

const carries = (line: string, name: string): boolean => line.startsWith(`[${JSON.stringify(name)},`) && line.endsWith(']');

const parseHeader = (line: string): Header | undefined => {
  try {
    const header = JSON.parse(line) as unknown;
    return isHeader(header) ? header : undefined;
  } catch {
    return undefined;
  }
};

const isHeader = (value: unknown): value is Header => {
  if (!Array.isArray(value) || value[0] !== 1 || typeof value[1] !== 'string') return false;
  if (!Array.isArray(value[3]) || value[3].length === 0) return false;
  if (value[2] !== null && typeof value[2] !== 'string') return false;
  return value[3].every(
    (e: unknown) => Array.isArray(e) && typeof e[0] === 'string' && typeof e[1] === 'string' && Number.isSafeInteger(e[2]),
  );
};
