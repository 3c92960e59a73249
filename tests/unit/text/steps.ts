import { Session } from 'node:inspector/promises';

/**
 * Counts what running something costs, in steps and not in time: how often each block of code ran (each turn of a loop is one), and how
 * many characters regular expressions and searches went over. The same work has the same count on each machine.
 */
export class StepCounter {
  readonly #session = new Session();
  readonly #files: RegExp;

  private constructor(files: RegExp) {
    this.#files = files;
  }

  /** `files`: whose blocks are counted. */
  static async start(files: RegExp): Promise<StepCounter> {
    const counter = new StepCounter(files);
    counter.#session.connect();
    await counter.#session.post('Profiler.enable');
    await counter.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    return counter;
  }

  async count(work: () => void): Promise<number> {
    await this.#session.post('Profiler.takePreciseCoverage');
    const searched = charactersSearched(work);
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const blocks = result.filter(({ url }) => this.#files.test(url)).flatMap((script) => script.functions.flatMap(({ ranges }) => ranges));
    return blocks.reduce((sum, { count }) => sum + count, searched);
  }

  async stop(): Promise<void> {
    await this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }
}

/** Of strings: what goes over all of them, whatever it finds. */
const whole = ['split', 'includes', 'lastIndexOf', 'trim', 'toLowerCase', 'toUpperCase', 'normalize'] as const;

/** What was found counts as far as it reaches, what was not found to where the search may have gone. */
const charactersSearched = (work: () => void): number => {
  let characters = 0;
  const patched: (() => void)[] = [];
  const patch = <T extends object, K extends keyof T>(on: T, name: K, make: (plain: T[K]) => unknown): void => {
    const plain = on[name];
    on[name] = make(plain) as T[K];
    patched.push(() => {
      on[name] = plain;
    });
  };
  patch(
    RegExp.prototype,
    'exec',
    (exec) =>
      function (this: RegExp, text: string) {
        const from = this.global || this.sticky ? this.lastIndex : 0;
        const found = exec.call(this, text);
        if (found) characters += found.index + found[0].length - from + 1;
        else characters += this.sticky || this.source.startsWith('^') ? 1 : text.length - from + 1;
        return found;
      },
  );
  patch(
    String.prototype,
    'indexOf',
    (indexOf) =>
      function (this: string, wanted: string, from = 0) {
        const found = indexOf.call(this, wanted, from);
        characters += (found < 0 ? this.length : found) - from + 1;
        return found;
      },
  );
  for (const name of whole) {
    patch(
      String.prototype,
      name,
      (plain) =>
        function (this: string, ...args: unknown[]) {
          characters += this.length;
          return (plain as (...args: unknown[]) => unknown).apply(this, args);
        },
    );
  }
  try {
    work();
  } finally {
    for (const restore of patched) restore();
  }
  return characters;
};
