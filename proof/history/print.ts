import { isDeleted, type Message } from '../../src/protocol/resources.js';
import type { Act, Entry, History, Told, Violation } from './history.js';
import { shortest } from './shortest.js';

/** A violation and the shortest history that shows it, as plain text of one line an entry; `*` marks the entries that show the breach. */
export const printViolation = (history: History, violation: Violation, most = 60): string => {
  const own = new Set(violation.entries);
  const lines = shortest(history, violation, most).map((at) => {
    const entry = history.entries[at]!;
    return `  ${own.has(at) ? '*' : ' '} ${(entry.at / 1000).toFixed(3).padStart(9)} s  ${lineOf(entry)}`;
  });
  return [`invariant ${violation.invariant}: ${violation.what}`, `  ${history.title}`, ...lines].join('\n');
};

const lineOf = (entry: Entry): string => {
  switch (entry.kind) {
    case 'call':
      return `${entry.client} (${entry.member}) calls #${entry.op}: ${actOf(entry.act)}`;
    case 'answer': {
      const outcome = entry.code ? `${entry.outcome}, ${entry.code}` : entry.outcome;
      const what = entry.message ? `: ${messageOf(entry.message)}` : entry.read_seq === undefined ? '' : `: read to ${entry.read_seq}`;
      return `#${entry.op} is answered ${outcome}${what}`;
    }
    case 'seen':
      return `${entry.client} (${entry.member}) is shown by ${entry.by}: ${messageOf(entry.message)}`;
    case 'receipt':
      return `${entry.client} hears that ${entry.member} has read ${entry.thread} to ${entry.seq}`;
    case 'presence':
      return `${entry.client} hears that ${entry.member} is ${entry.state}`;
    case 'told':
      return `${entry.client} (${entry.member}) is told of thread ${entry.thread} by ${entry.by}${wayOf(entry)}`;
    case 'parted':
      return `${entry.client} (${entry.member}) hears on connection ${entry.connection} that ${entry.thread ?? entry.community} is lost`;
    case 'ledger':
      return `${entry.client} (${entry.member}) knows ${entry.ledger} up to ${entry.rev}: ${entry.sum}`;
    case 'authority':
      return `${entry.begun.community} stands: ${JSON.stringify(entry.begun)}`;
    case 'view': {
      const [first, last] = [entry.messages[0], entry.messages.at(-1)];
      const range = first && last ? `seq ${first.seq} to ${last.seq}` : 'empty';
      return `${entry.client} (${entry.member}) holds ${entry.thread}, ${entry.what}: ${range}, ${entry.messages.length} messages, rev ${entry.head_rev}`;
    }
    case 'claimed':
      return `${entry.instance} claims slot ${entry.slot} under epoch ${entry.epoch}${entry.served === false ? ', and does not serve it' : ''}`;
    case 'activation':
      return `${entry.instance} ${entry.on ? 'acts' : 'no longer acts'} for ${entry.address} (epoch ${entry.epoch})`;
    case 'commit':
      return `the store has ${entry.message} of ${entry.thread} at seq ${entry.seq}, rev ${entry.rev} (epoch ${entry.epoch})`;
    case 'fault':
      return `fault ${entry.phase}s: ${entry.name}${entry.detail ? ` (${entry.detail})` : ''}`;
  }
};

const wayOf = ({ connection, asked }: Told): string =>
  `${connection === undefined ? '' : ` on connection ${connection}`}${asked === undefined ? '' : `, asked at ${(asked / 1000).toFixed(3)} s`}`;

const actOf = (act: Act): string => {
  switch (act.do) {
    case 'send':
      return `send to ${act.thread}, nonce ${act.nonce}, ${quoted(act.content)}`;
    case 'edit':
      return `edit ${act.message} to ${quoted(act.content)}`;
    case 'delete':
      return `delete ${act.message}`;
    case 'react':
      return `${act.on ? 'add' : 'take'} ${act.emoji} ${act.on ? 'to' : 'from'} ${act.message}`;
    case 'mark_read':
      return `mark ${act.thread} read to ${act.seq}`;
    case 'put_setting':
      return `set ${act.key} to ${act.value}`;
    case 'remove':
      return `${act.how} ${act.whom} of ${act.community}`;
    case 'join':
      return `join ${act.whom} to ${act.community}`;
    default: {
      const { do: what, ...rest } = act;
      return `${what} ${JSON.stringify(rest)}`;
    }
  }
};

const messageOf = (message: Message): string =>
  `${message.id} at seq ${message.seq}, rev ${message.rev}, ${isDeleted(message) ? 'deleted' : quoted(message.content)}`;

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
