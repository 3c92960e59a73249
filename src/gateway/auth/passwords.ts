import { hash, verify } from '@node-rs/argon2';
import { Fault } from '../../kernel/errors.js';
import { randomToken } from '../../kernel/ids.js';
import type { Part } from '../../kernel/lifecycle.js';
import { bounds } from '../../protocol/primitives.js';

/** OWASP's floor for argon2id (the library's default algorithm): 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Password hashes. Each costs 19 MiB and some 30 ms of a core, so few run at a time and few may wait: past that, sign-ins are
 * refused with `overloaded` instead of starving everything else.
 */
export class Passwords implements Part {
  readonly name = 'passwords';
  readonly #atOnce: number;
  readonly #mayWait: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | undefined;

  constructor(options: { atOnce?: number; mayWait?: number } = {}) {
    this.#atOnce = options.atOnce ?? 2;
    this.#mayWait = options.mayWait ?? 64;
  }

  /** Fault `validation_failed` for an over-long one, before any work; `overloaded` when too many wait. */
  async hash(password: string): Promise<string> {
    refuseOverlong(password);
    return this.#inTurn(() => hash(password.normalize('NFC'), cost));
  }

  /**
   * Whether a password fits. Without a hash (nobody by that name, or an account that has none) the same work is done against
   * a decoy and the answer is no, so that the time tells nothing.
   */
  async matches(password: string, stored: string | null): Promise<boolean> {
    refuseOverlong(password);
    const against = stored ?? (await this.#decoyHash());
    return this.#inTurn(async () => {
      try {
        for (const form of formsOf(password)) if (await verify(against, form)) return stored !== null;
        return false;
      } catch {
        return false; // Not a hash of ours.
      }
    });
  }

  /** Makes the decoy ahead of the first sign-in, which would else take twice as long. */
  async start(): Promise<void> {
    await this.#decoyHash();
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= hash(randomToken(), cost).catch((error: unknown) => {
      this.#decoy = undefined;
      throw error;
    });
    return this.#decoy;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#mayWait) {
        throw new Fault('overloaded', 'Too many people are signing in right now', { retry_after_ms: 1_000 });
      }
      // The one that ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

/**
 * Keyboards and systems write é as one character or as two: passwords are hashed composed. Hashes from before that are
 * of what was typed then, so the other forms are tried too: which ones depends on the password that is given, and tells
 * nothing of the stored one.
 */
const formsOf = (password: string): Set<string> => new Set([password.normalize('NFC'), password, password.normalize('NFD')]);

const refuseOverlong = (password: string): void => {
  if (password.length <= bounds.passwordMax) return;
  throw new Fault('validation_failed', 'The password is too long', {
    errors: [{ path: 'password', message: `must have at most ${bounds.passwordMax} characters` }],
  });
};
