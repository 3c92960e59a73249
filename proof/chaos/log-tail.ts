import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const chunkBytes = 256_000;

/**
 * Reads a growing log line by line, also when it was put aside and emptied (`rotateLog`): the rest of it is read where it was put. More
 * than one such step between two reads would lose what lies between them.
 */
export class LogTail {
  readonly #file: string;
  readonly #line: (line: string) => void;
  readonly #buffer = Buffer.alloc(chunkBytes);
  /** Where the log is put aside. */
  readonly #aside: string;
  /** The part that was put aside last, by its inode; 0 when there is none. */
  #asideInode: number;
  /** Bytes of the log that were read. */
  #at = 0;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, line: (line: string) => void) {
    this.#file = file;
    this.#line = line;
    this.#aside = `${file}.1`;
    this.#asideInode = inodeOf(this.#aside);
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => this.read(), everyMs);
  }

  /** All that is there by now. */
  read(): void {
    const inode = inodeOf(this.#aside);
    if (inode !== this.#asideInode) {
      this.#asideInode = inode;
      this.#drain(this.#aside);
      this.#at = 0;
    }
    this.#drain(this.#file);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.read();
  }

  #drain(file: string): void {
    if (inodeOf(file) === 0) return;
    const fd = openSync(file, 'r');
    try {
      if (fstatSync(fd).size <= this.#at) return;
      for (let bytes = this.#read(fd); bytes > 0; bytes = this.#read(fd)) {
        this.#at += bytes;
        const lines = (this.#rest + this.#decoder.write(this.#buffer.subarray(0, bytes))).split('\n');
        this.#rest = lines.pop() ?? '';
        for (const line of lines) this.#line(line);
      }
    } finally {
      closeSync(fd);
    }
  }

  #read(fd: number): number {
    return readSync(fd, this.#buffer, 0, chunkBytes, this.#at);
  }
}

const inodeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.ino ?? 0;
