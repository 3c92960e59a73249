import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { generated } from '../../../scripts/generate/generated.js';

test.each(Object.entries(generated()))('%s is what `npm run generate` makes of the catalogue', (file, content) => {
  expect(readFileSync(file, 'utf8')).toBe(content);
});
