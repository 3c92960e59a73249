/** Something that keeps a promise and can be switched off in the source, so that the tests of that promise must fail. */
export interface Guard {
  /** Unique; for `--only`. */
  name: string;
  /** What it keeps from happening. */
  keeps: string;
  file: string;
  /** The source text, once in its file, and what stands there when the guard is off. */
  on: string;
  off: string;
  /** Test files of which at least one test must fail then. Quick ones. */
  tests: readonly string[];
  /** The tests need Redis and MongoDB. */
  services?: boolean;
}

/** The mutation cannot be made: the source has moved on and the table has not. */
export class StaleGuard extends Error {}

/** The source with the guard switched off. Throws StaleGuard unless its text stands there exactly once. */
export const switchedOff = (source: string, { name, file, on, off }: Pick<Guard, 'name' | 'file' | 'on' | 'off'>): string => {
  const places = source.split(on).length - 1;
  if (places !== 1) throw new StaleGuard(`${name}: its source text stands ${places} times in ${file}, not once`);
  // A function: `$` has no meaning in it.
  return source.replace(on, () => off);
};
