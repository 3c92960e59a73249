import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const chunkBytes = 256_000;

/** Reads a growing log line by line, also when the file has been moved aside and a new one begun. */
export class LogTail {
  readonly #file: string;
  readonly #line: (line: string) => void;
  readonly #buffer = Buffer.alloc(chunkBytes);
  #fd: number | undefined;
  #inode = 0;
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(file: string, line: (line: string) => void) {
    this.#file = file;
    this.#line = line;
  }

  start(everyMs: number): void {
    this.#timer = setInterval(() => this.read(), everyMs);
  }

  /** All that is there by now. */
  read(): void {
    if (this.#fd === undefined) {
      if (!existsSync(this.#file)) return;
      this.#fd = openSync(this.#file, 'r');
      this.#inode = statSync(this.#file).ino;
    }
    this.#drain(this.#fd);
    if (existsSync(this.#file) && statSync(this.#file).ino !== this.#inode) {
      this.#drain(this.#fd);
      closeSync(this.#fd);
      this.#fd = undefined;
      this.read();
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.read();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #drain(fd: number): void {
    for (let bytes = readSync(fd, this.#buffer); bytes > 0; bytes = readSync(fd, this.#buffer)) {
      const lines = (this.#rest + this.#decoder.write(this.#buffer.subarray(0, bytes))).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#line(line);
    }
  }
}
