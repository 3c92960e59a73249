import { isOpen } from '../../src/authority/allow.js';
import type { Feature } from '../../src/catalogue/feature.js';
import { type Operation, opensAt } from '../../src/catalogue/operation.js';

const entry = ({ name, allow, repeat, rest }: Operation): string => {
  const way = rest && `${rest.method.toUpperCase()} ${rest.path}`;
  const again = typeof repeat === 'string' ? repeat : 'no';
  return `  ${name}: { way: '${way}', again: '${again}', token: ${!isOpen(allow)} },\n`;
};

/** What the client needs of each operation to ask for it by REST: plain data, so that no schema comes into the page. */
export const operationTable = (features: readonly Feature[]): string => {
  const operations = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
  const entries = operations
    .filter((operation) => opensAt(operation, 'rest'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(entry);
  return `/** Made from the catalogue by \`npm run generate\`: do not edit. */
export const operationTable = {
${entries.join('')}} as const;
`;
};
