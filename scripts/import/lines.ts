import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** `text` null: longer than allowed. `bytes`: how far into the file (as it lies on the disk) has been read. */
export interface NumberedLine {
  number: number;
  text: string | null;
  bytes: number;
}

const newline = 0x0a;

/** Cuts a stream of bytes into lines; one that is too long is passed over without being kept. Blank lines count, but do not come. */
export async function* splitLines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncIterable<{ number: number; text: string | null }> {
  let number = 0;
  let parts: Buffer[] = [];
  let size = 0;
  const end = (): { number: number; text: string | null } | undefined => {
    number++;
    const text =
      size > maxBytes
        ? null
        : Buffer.concat(parts)
            .toString('utf8')
            .replace(/^\ufeff/, '')
            .trim();
    parts = [];
    size = 0;
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

const isGzip = async (path: string): Promise<boolean> => {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
};

/** A file of lines, packed by gzip or not (told by its first bytes). Reads on only as fast as the lines are taken. */
export class LineFile {
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
    const raw = createReadStream(this.path, { highWaterMark: 256 * 1024 });
    const out = new PassThrough({ highWaterMark: 1024 * 1024 });
    // A broken file fails the reader, through `out`.
    const piped = (this.packed ? pipeline(raw, createGunzip(), out) : pipeline(raw, out)).catch((error: unknown) => {
      out.destroy(error instanceof Error ? error : new Error(String(error)));
    });
    try {
      for await (const line of splitLines(out, maxBytes)) yield { ...line, bytes: raw.bytesRead };
    } finally {
      out.destroy();
      raw.destroy();
      await piped;
    }
  }
}
