import { allowText } from '../../src/authority/allow.js';
import type { Feature } from '../../src/catalogue/feature.js';
import type { ItemKind } from '../../src/catalogue/item-kind.js';
import { type Door, type Operation, opensAt } from '../../src/catalogue/operation.js';

const doors: Record<Door, string> = { rest: 'REST', socket: 'Socket.IO', websocket: 'WebSocket' };

const again = (repeat: Operation['repeat']): string => (typeof repeat === 'string' ? repeat : `no: ${repeat.no}`);

const row = (operation: Operation): string => {
  const { name, summary, allow, decided_by, limit, rest, repeat } = operation;
  const open = (Object.keys(doors) as Door[]).filter((door) => opensAt(operation, door)).map((door) => doors[door]);
  const way = rest ? `\`${rest.method.toUpperCase()} ${rest.path}\`` : '';
  return `| \`${name}\` | ${summary} | ${way} | ${open.join(', ')} | ${allowText(allow)} | ${decided_by} | ${limit} | ${again(repeat)} |`;
};

const addsTo = ({ community, member }: Feature): string[] =>
  [community && 'community', member && 'member'].flatMap((actor) => (actor ? [`Adds to the actor of each ${actor}.`, ''] : []));

const chapter = (feature: Feature): string => {
  const { name, needs, operations } = feature;
  return [
    `## ${name}`,
    '',
    ...(needs.length > 0 ? [`Needs ${needs.join(', ')}.`, ''] : []),
    ...addsTo(feature),
    '| operation | what it does | REST | doors | who may | decided by | limit | again |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...operations.map(({ operation }) => row(operation)),
  ].join('\n');
};

const atMost = ({ most, windowed }: ItemKind): string =>
  [most && `${most.items} of ${most.valueBytes} bytes`, windowed && 'a snapshot has the newest 1,000'].filter(Boolean).join('; ');

const itemRow = (feature: string, item: ItemKind): string =>
  `| \`${item.kind}\` | ${[item.ledger, ...(item.also ?? [])].map((ledger) => `\`${ledger}\``).join(', ')} | ${item.summary} | ${feature} | ${atMost(item)} |`;

/** What devices are given of ledgers. */
const kinds = (features: readonly Feature[]): string =>
  [
    '## Kinds of items',
    '',
    'What stands in [ledgers](add-a-capability.md#state-that-devices-share), and what one ledger has of it at most.',
    '',
    '| kind | ledger | what it is | feature | at most |',
    '| --- | --- | --- | --- | --- |',
    ...features.flatMap(({ name, items = [] }) => items.map((item) => itemRow(name, item))),
  ].join('\n');

/** Everything that the catalogue states, as a page of the documentation. */
export const inventory = (features: readonly Feature[]): string =>
  `# Inventory

Made from the catalogue by \`npm run generate\`; do not edit.
How a feature comes to be here: [add a capability](add-a-capability.md).

${features.map(chapter).join('\n\n')}

${kinds(features)}
`;
