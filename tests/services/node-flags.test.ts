import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { nodeFlags } from '../../scripts/start/node-process.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test('nodes are started with the same flags by npm start, by the image, and by hand as the documentation says', () => {
  const [, command] = /^CMD (\[.*\])$/m.exec(read('Dockerfile')) ?? [];
  expect(JSON.parse(command!)).toEqual(['node', '--enable-source-maps', ...nodeFlags, 'dist/main.js']);
  expect(read('docs/operations.md')).toContain(`\`node ${nodeFlags.join(' ')} dist/main.js\``);
});
