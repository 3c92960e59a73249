import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Request, Response } from 'express';

/** What fits one packet of the network gains nothing. */
const leastBytes = 1_024;

/** A text that is the same for everybody, packed once at the start and not for each who asks. */
export class PackedText {
  readonly #plain: Buffer;
  readonly #packed: ReadonlyMap<string, Buffer>;

  constructor(text: string) {
    this.#plain = Buffer.from(text);
    this.#packed = new Map(
      this.#plain.length < leastBytes
        ? []
        : [
            ['br', brotliCompressSync(this.#plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })],
            ['gzip', gzipSync(this.#plain)],
          ],
    );
  }

  send(request: Request, response: Response): void {
    const encoding = [...this.#packed.keys()].find((name) => request.acceptsEncodings(name) === name);
    response.vary('Accept-Encoding');
    if (encoding !== undefined) response.set('Content-Encoding', encoding);
    response.send(encoding === undefined ? this.#plain : this.#packed.get(encoding));
  }
}
