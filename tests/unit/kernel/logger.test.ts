import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../../../src/kernel/logger.js';
import { withScope } from '../../../src/kernel/scope.js';

describe('The logger', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', node: 'n1' }, { write: (line) => void lines.push(line) });

  it('writes the scope into each line and nothing of a line into the scope, which is shared and may be frozen', () => {
    const scope = Object.freeze({ request_id: 'r1' });
    withScope(scope, () => {
      logger.error({ err: new Error('first') }, 'one');
      logger.info('two');
    });
    const [one, two] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(one).toMatchObject({ request_id: 'r1', msg: 'one', err: { message: 'first' } });
    expect(two).toMatchObject({ request_id: 'r1', msg: 'two' });
    expect(two).not.toHaveProperty('err');
  });
});
