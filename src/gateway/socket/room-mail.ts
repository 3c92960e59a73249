/** An event on its way to a room. */
export interface RoomEvent {
  readonly name: string;
  /** `["name",payload]` as JSON: made once, whatever the number of receivers and nodes. */
  readonly text: string;
  /** The change of a thread or a ledger that it carries, or that it tells to catch up to. */
  readonly change: RoomChange | undefined;
}
export interface RoomChange {
  /** The thread's id, or the ledger's name as its readers name it. */
  readonly of: string;
  readonly rev: number;
}

/** Events of one room that go the same way: to all of it, or to all but those who are in another room too. */
export interface RoomMail {
  readonly events: readonly RoomEvent[];
  readonly except: string | undefined;
  /** Only for members who may view this thread; absent for everybody. */
  readonly audience?: string | undefined;
}

type Events = [name: string, of: string, rev: number][];
type Header = [version: 1, from: string, except: string | null, events: Events];
/** Of its own version: a node that knows no audiences must not give it to everybody. */
type AudienceHeader = [version: 2, from: string, except: string | null, events: Events, audience: string];
/** What nodes are told at its place among the events of a room. */
type Word = [version: 3, from: string, word: object];

/**
 * Between nodes: a line that says what follows, then a line an event. JSON holds no line breaks, so the receiver cuts the text
 * apart and passes the events on as they are.
 */
export const encodeMail = (from: string, { events, except, audience }: RoomMail): string => {
  const listed: Events = events.map((e) => [e.name, e.change?.of ?? '', e.change?.rev ?? 0]);
  const header: Header | AudienceHeader =
    audience === undefined ? [1, from, except ?? null, listed] : [2, from, except ?? null, listed, audience];
  let text = JSON.stringify(header);
  for (const event of events) text += `\n${event.text}`;
  return text;
};

/** Undefined for one's own mail and for what cannot be read. Payloads are believed to be JSON: each node has made its own. */
export const decodeMail = (self: string, text: string): RoomMail | undefined => {
  // Every publication comes back to the node that made it.
  if (isFrom(self, text)) return undefined;
  const lines = text.split('\n');
  const header = parseHeader(lines[0] ?? '');
  if (!header || header[3].length !== lines.length - 1) return undefined;
  if (!header[3].every(([name], i) => carries(lines[i + 1]!, name))) return undefined;
  const events = header[3].map(([name, of, rev], i) => ({
    name,
    text: lines[i + 1]!,
    change: of === '' ? undefined : { of, rev },
  }));
  const except = header[2] ?? undefined;
  return header[0] === 1 ? { events, except } : { events, except, audience: header[4] };
};

export const encodeWord = (from: string, word: object): string => JSON.stringify([3, from, word] satisfies Word);

/** Undefined for one's own, for mail and for what cannot be read. */
export const decodeWord = (self: string, text: string): object | undefined => {
  if (!text.startsWith('[3,') || isFrom(self, text)) return undefined;
  const read = parsed(text);
  if (!Array.isArray(read) || read[0] !== 3 || typeof read[1] !== 'string') return undefined;
  const word: unknown = read[2];
  return typeof word === 'object' && word !== null ? word : undefined;
};

const isFrom = (self: string, text: string): boolean => text.startsWith(`${JSON.stringify(self)},`, '[1,'.length);

const carries = (line: string, name: string): boolean => line.startsWith(`[${JSON.stringify(name)},`) && line.endsWith(']');

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
};

const parseHeader = (line: string): Header | AudienceHeader | undefined => {
  const header = parsed(line);
  return isHeader(header) ? header : undefined;
};

const isHeader = (value: unknown): value is Header | AudienceHeader => {
  if (!Array.isArray(value) || typeof value[1] !== 'string') return false;
  if (value[0] !== 1 && !(value[0] === 2 && typeof value[4] === 'string')) return false;
  if (!Array.isArray(value[3]) || value[3].length === 0) return false;
  if (value[2] !== null && typeof value[2] !== 'string') return false;
  return value[3].every(
    (e: unknown) => Array.isArray(e) && typeof e[0] === 'string' && typeof e[1] === 'string' && Number.isSafeInteger(e[2]),
  );
};
