import { writeFileSync } from 'node:fs';
import { generated } from './generate/generated.js';

/** `npm run generate`: writes what is made from the catalogue and kept in the tree. A test holds it equal. */
for (const [file, content] of Object.entries(generated())) {
  writeFileSync(file, content);
  console.log(`wrote ${file}`);
}
