import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { coresOfNode, nodeFlags } from '../../scripts/start/node-flags.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test('nodes are started with the same flags by npm start, by the image, and by hand as the documentation says', () => {
  const [, command] = /^CMD (\[.*\])$/m.exec(read('Dockerfile')) ?? [];
  expect(JSON.parse(command!)).toEqual(['node', '--enable-source-maps', ...nodeFlags(), 'dist/main.js']);
  expect(read('docs/operations.md')).toContain(`\`node ${nodeFlags().join(' ')} dist/main.js\``);
});

test('a node that has cores to itself lets one thread beside it mark and sweep, and waits for none', () => {
  expect([coresOfNode(1, 2), coresOfNode(1, 4), coresOfNode(1, 8), coresOfNode(3, 8), coresOfNode(3, 16)]).toEqual([0, 1, 2, 1, 3]);
  expect(nodeFlags(0)).toEqual(nodeFlags());
  expect(nodeFlags(1)).toEqual(nodeFlags());
  const flags = nodeFlags(2);
  expect(flags).not.toContain('--single-threaded-gc');
  expect(read('docs/operations.md')).toContain(`\`${flags.filter((flag) => !nodeFlags().includes(flag)).join(' ')}\``);
  // V8 takes them all: it ends a process with a flag that it does not know.
  expect(execFileSync(process.execPath, [...flags, '-p', 'process.execArgv.length'], { encoding: 'utf8' }).trim()).toBe(
    `${flags.length + 2}`,
  );
});
