import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { bounds } from '../../src/protocol/primitives.js';

export interface ArchivedMessage {
  community: string;
  thread: string;
  author: string;
  /** Ms since 1970. */
  at: number;
  content: string;
}

/** Reads an archive as `npm run import` takes it, plain or gzipped; lines that are none of it are passed over. */
export const readArchive = async (file: string): Promise<ArchivedMessage[]> => {
  const raw = createReadStream(file);
  const lines = createInterface({ input: file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw, crlfDelay: Number.POSITIVE_INFINITY });
  const messages: ArchivedMessage[] = [];
  for await (const line of lines) {
    const read = parsed(line);
    if (read) messages.push(read);
  }
  return messages;
};

/** Room for what the load puts before it. */
const mostText = bounds.content - 100;

/** As it may be sent: imports take the same out. */
const sayable = (text: string): string =>
  text
    .slice(0, mostText)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');

const parsed = (line: string): ArchivedMessage | undefined => {
  try {
    const { community, thread, author, at, content } = JSON.parse(line) as Record<string, unknown>;
    const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
    if (![community, thread, author, content].every((value) => typeof value === 'string') || Number.isNaN(time)) return undefined;
    return { community, thread, author, at: time, content: sayable(content as string) } as ArchivedMessage;
  } catch {
    return undefined;
  }
};

/** The names of the `count` communities with the most messages. */
export const busiest = (messages: readonly ArchivedMessage[], count: number): Set<string> => {
  const sizes = new Map<string, number>();
  for (const { community } of messages) sizes.set(community, (sizes.get(community) ?? 0) + 1);
  return new Set(
    [...sizes]
      .sort((a, b) => b[1] - a[1])
      .slice(0, count)
      .map(([name]) => name),
  );
};

/** Of messages in the order of time, those of the fullest stretch of `ms`. */
export const fullestStretch = (messages: readonly ArchivedMessage[], ms: number): ArchivedMessage[] => {
  let from = 0;
  let best = { from: 0, to: 0 };
  for (let to = 0; to < messages.length; to++) {
    while (messages[to]!.at - messages[from]!.at >= ms) from++;
    if (to + 1 - from > best.to - best.from) best = { from, to: to + 1 };
  }
  return messages.slice(best.from, best.to);
};
