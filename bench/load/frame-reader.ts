/** Opcodes of RFC 6455 that a server may send us. */
export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What lies in `bytes` from `start` to `end` belongs to the reader again as soon as this returns. */
export type OnFrame = (bytes: Buffer, start: number, end: number, opcode: number) => void;

/**
 * Finds the frames of a server in what TCP brings, however it was cut: many frames in a chunk, or one frame over many. Frames are
 * handed on in place; only a frame that is not complete yet is copied. Throws on what a server must not send.
 */
export class FrameReader {
  readonly #onFrame: OnFrame;
  #held: Buffer | undefined;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer, from = 0, to = chunk.length): void {
    if (!this.#held) {
      const rest = this.#read(chunk, from, to);
      if (rest < to) this.#held = Buffer.from(chunk.subarray(rest, to));
      return;
    }
    const joined = Buffer.concat([this.#held, chunk.subarray(from, to)]);
    const rest = this.#read(joined, 0, joined.length);
    this.#held = rest < joined.length ? joined.subarray(rest) : undefined;
  }

  /** Where the first incomplete frame begins. */
  #read(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (to - at >= 2) {
      const first = bytes[at]!;
      const second = bytes[at + 1]!;
      if ((first & 0x80) === 0 || (first & 0x0f) === 0) throw new Error('a fragmented message came, which Engine.IO never sends');
      if ((second & 0x80) !== 0) throw new Error('a server must not mask');
      let start = at + 2;
      let length = second & 0x7f;
      if (length === 126) {
        if (to - at < 4) break;
        length = bytes.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) {
        if (to - at < 10) break;
        length = Number(bytes.readBigUInt64BE(at + 2));
        start = at + 10;
      }
      const end = start + length;
      if (end > to) break;
      this.#onFrame(bytes, start, end, first & 0x0f);
      at = end;
    }
    return at;
  }
}
