import { describe, expect, test } from '@jest/globals';
import { BadArguments, parseStartArguments } from '../../scripts/start/start-options.js';

describe('the arguments of npm start', () => {
  test('have defaults', () => {
    expect(parseStartArguments([])).toEqual({ nodes: 1, port: 3000, dataDir: '.parley' });
  });

  test('are read', () => {
    expect(parseStartArguments(['--nodes', '3', '--port=4000', '--data-dir', '/tmp/x'])).toEqual({
      nodes: 3,
      port: 4000,
      dataDir: '/tmp/x',
    });
  });

  test('may ask for help', () => {
    expect(parseStartArguments(['--help'])).toBeUndefined();
    expect(parseStartArguments(['-h', '--nodes', 'many'])).toBeUndefined();
  });

  test.each([
    [['--nodes', '0'], '--nodes'],
    [['--nodes', '33'], '--nodes'],
    [['--nodes', '1.5'], '--nodes'],
    [['--nodes', ''], '--nodes'],
    [['--port', 'http'], '--port'],
    [['--port', '65536'], '--port'],
    [['--port', '65535', '--nodes', '2'], '65535'],
    [['--data-dir', ''], '--data-dir'],
    [['--bogus'], '--bogus'],
    [['extra'], 'extra'],
  ])('are refused in one line when they make no sense: %j', (args, named) => {
    let message = '';
    try {
      parseStartArguments(args);
    } catch (error) {
      expect(error).toBeInstanceOf(BadArguments);
      message = (error as Error).message;
    }
    expect(message).toContain(named);
    expect(message).not.toContain('\n');
  });
});
