import { Fault } from '../../src/kernel/errors.js';
import type { Logger } from '../../src/kernel/logger.js';

export type OnDefect = (process: string, line: string) => void;

/** Errors that only a mistake in the code makes. */
const mistakes = new Set(['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError']);
/** What the store's absence makes of an actor: its state is not trusted, it reads anew. */
const expected = /stayed unknown|could not be read again|a hook took over|hole that does not close/;

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const isMistake = (error: unknown): boolean =>
  error instanceof Error && (mistakes.has(error.constructor.name) || (error.cause !== undefined && isMistake(error.cause)));

/** Writes nothing; what tells of a defect is handed over. With `show`, every line is (for a replay). */
export const simLogger = (process: string, onDefect: OnDefect, show?: (line: string) => void): Logger => {
  const line =
    (level: string) =>
    (fields: unknown, text?: string): void => {
      const message = typeof fields === 'string' ? fields : (text ?? '');
      const error = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : undefined;
      show?.(`${level} ${message} ${typeof fields === 'object' ? JSON.stringify(fields, replaced) : ''}`);
      if (level !== 'error' && level !== 'fatal' && level !== 'warn') return;
      const claimsDefect = message.startsWith('defect') && !(error instanceof Fault) && !expected.test(textOf(error));
      if (claimsDefect || isMistake(error)) onDefect(process, `${message}: ${textOf(error)}`);
    };
  const logger = {
    level: 'info',
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    fatal: line('fatal'),
    silent: () => undefined,
    isLevelEnabled: (level: string) => level !== 'trace' && level !== 'debug',
    child: () => logger,
  };
  return logger as unknown as Logger;
};

const replaced = (_key: string, value: unknown): unknown => (value instanceof Error ? `${value.message}` : value);
