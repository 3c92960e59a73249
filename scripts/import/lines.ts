import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Health, isGzip, isWhole, unpacked } from './unpacked.js';

/** A line, or the reason why it cannot be one. */
export type NumberedText = { number: number; text: string } | { number: number; text: null; reason: string };

/** `bytes`: how far into the file (as it lies on the disk) has been read. */
export type NumberedLine = NumberedText & { bytes: number };

const newline = 0x0a;
/** Replacing what is no character would store another text than the one that was written. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Cuts a stream of bytes into lines; one that is too long is passed over without being kept. Blank lines count, but do not come. */
export async function* splitLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncIterable<NumberedText> {
  let number = 0;
  let parts: Buffer[] = [];
  let size = 0;
  const end = (): NumberedText | undefined => {
    number++;
    const bytes = size > maxBytes ? undefined : Buffer.concat(parts);
    parts = [];
    size = 0;
    if (!bytes) return { number, text: null, reason: `is longer than ${maxBytes} bytes` };
    if (!isUtf8(bytes)) return { number, text: null, reason: 'is not UTF-8' };
    const text = utf8.decode(bytes).trim();
    return text === '' ? undefined : { number, text };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      size += at - from;
      if (size <= maxBytes) parts.push(chunk.subarray(from, at));
      from = at + 1;
      const line = end();
      if (line) yield line;
    }
    const rest = chunk.subarray(from);
    size += rest.length;
    if (size <= maxBytes) parts.push(rest);
    else parts = [];
  }
  if (size > 0) {
    const line = end();
    if (line) yield line;
  }
}

/** So much is read at once of a packed file: unpacked it may be a thousand times as long, and is held in memory. */
const packedBytes = 16 * 1024;
const plainBytes = 256 * 1024;

/** A file of lines, packed by gzip or not (told by its first bytes). Reads on only as fast as the lines are taken. */
export class LineFile {
  /** What is wrong with the file, once its lines have come: those that can be read come all the same. */
  damage: 'is damaged' | 'is cut short' | null = null;

  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly packed: boolean,
  ) {}

  /** Rejects when it cannot be read. */
  static async open(path: string): Promise<LineFile> {
    const { size } = await stat(path);
    return new LineFile(path, size, await isGzip(path));
  }

  async *lines(maxBytes: number): AsyncIterable<NumberedLine> {
    const raw = createReadStream(this.path, { highWaterMark: this.packed ? packedBytes : plainBytes });
    const health: Health = { state: 'whole' };
    try {
      for await (const line of splitLines(this.packed ? unpacked(raw, health) : raw, maxBytes)) yield { ...line, bytes: raw.bytesRead };
    } finally {
      raw.destroy();
    }
    if (health.state === 'damaged') this.damage = 'is damaged';
    else if (health.state === 'unclear' && !(await isWhole(createReadStream(this.path)))) this.damage = 'is cut short';
  }
}
