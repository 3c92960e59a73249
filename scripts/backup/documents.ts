/** Documents as BSON, one behind the other: each begins with its own length, so nothing stands between them. */

/** More than MongoDB takes for one. */
const longest = 17 * 1024 * 1024;
const shortest = 5;

/** In pieces of about `size` bytes. */
export async function* joined(documents: AsyncIterable<Uint8Array>, size = 65_536): AsyncGenerator<Buffer> {
  let some: Uint8Array[] = [];
  let bytes = 0;
  for await (const document of documents) {
    some.push(document);
    bytes += document.length;
    if (bytes < size) continue;
    yield Buffer.concat(some);
    some = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(some);
}

/** The documents that pieces of any size make up. In memory is one document and one piece. Throws for what is none. */
export async function* parted(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  /** Of the first document; unknown before four bytes of it are there. */
  let length: number | undefined;
  for await (const piece of pieces) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes < (length ?? 4)) continue;
    const all = waiting.length === 1 ? piece : Buffer.concat(waiting);
    let at = 0;
    for (;;) {
      length = all.length - at < 4 ? undefined : lengthAt(all, at);
      if (length === undefined || all.length - at < length) break;
      yield all.subarray(at, at + length);
      at += length;
    }
    waiting = [all.subarray(at)];
    bytes = all.length - at;
  }
  if (bytes > 0) throw new Error('it ends within a document');
}

const lengthAt = (bytes: Uint8Array, at: number): number => {
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getInt32(0, true);
  if (length < shortest || length > longest) throw new Error('it holds something that is no document');
  return length;
};
