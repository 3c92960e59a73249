import { allowText } from '../../src/authority/allow.js';
import type { Feature } from '../../src/catalogue/feature.js';
import { type Door, type Operation, opensAt } from '../../src/catalogue/operation.js';

const doors: Record<Door, string> = { rest: 'REST', socket: 'Socket.IO', websocket: 'WebSocket' };

const again = (repeat: Operation['repeat']): string => (typeof repeat === 'string' ? repeat : `no: ${repeat.no}`);

const row = (operation: Operation): string => {
  const { name, summary, allow, decided_by, limit, rest, repeat } = operation;
  const open = (Object.keys(doors) as Door[]).filter((door) => opensAt(operation, door)).map((door) => doors[door]);
  const way = rest ? `\`${rest.method.toUpperCase()} ${rest.path}\`` : '';
  return `| \`${name}\` | ${summary} | ${way} | ${open.join(', ')} | ${allowText(allow)} | ${decided_by} | ${limit} | ${again(repeat)} |`;
};

const chapter = ({ name, needs, operations, community }: Feature): string =>
  [
    `## ${name}`,
    '',
    ...(needs.length > 0 ? [`Needs ${needs.join(', ')}.`, ''] : []),
    ...(community ? ['Adds to the actor of each community.', ''] : []),
    '| operation | what it does | REST | doors | who may | decided by | limit | again |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...operations.map(({ operation }) => row(operation)),
  ].join('\n');

/** Everything that the catalogue states, as a page of the documentation. */
export const inventory = (features: readonly Feature[]): string =>
  `# Inventory

Made from the catalogue by \`npm run generate\`; do not edit.
How a feature comes to be here: [add a capability](add-a-capability.md).

${features.map(chapter).join('\n\n')}
`;
