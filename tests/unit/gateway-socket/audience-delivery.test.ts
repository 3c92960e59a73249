import { beforeEach, expect, test } from '@jest/globals';
import { AudienceDelivery } from '../../../src/gateway/socket/audience-delivery.js';
import { RoomDelivery } from '../../../src/gateway/socket/room-delivery.js';

let written: string[];
let known: Map<string, boolean>;
let learn: () => Promise<boolean>;

const members = new Set(['ada', 'bob', 'eve']);
const port = {
  members: () => members,
  memberOf: (id: string) => (id === 'eve' ? undefined : id),
  write: (id: string, events: readonly { name: string }[]) => void written.push(`${id} ${events.map(({ name }) => name).join('+')}`),
  audiences: { may: (_thread: string, member: string) => known.get(member), learn: () => learn() },
};
const mailOf = (name: string) => ({ events: [{ name, text: '', change: undefined }], except: undefined });
const delivery = (name: string, audience = 't') => new AudienceDelivery(port as never, 'c:c', { ...mailOf(name), audience }, 'c');

beforeEach(() => {
  written = [];
  known = new Map([
    ['ada', true],
    ['bob', false],
  ]);
  learn = () => Promise.reject(new Error('asked'));
});

test('goes to those who may, without a question where all are known, and never to somebody whose name is not known', () => {
  const one = delivery('1');
  expect(one.holds()).toBeUndefined();
  one.step(10);
  expect([written, one.done]).toEqual([['ada 1'], true]);
});

test('is held while somebody is not known, and takes along what follows for the same audience until it is decided', async () => {
  known.clear();
  learn = async () => {
    known.set('ada', true).set('bob', true);
    return true;
  };
  const one = delivery('1');
  const held = one.holds();
  expect(one.take(delivery('another', 'u'))).toBe(false);
  expect(one.take(new RoomDelivery(port as never, 'c:c', mailOf('open')))).toBe(false);
  expect(one.take(delivery('2'))).toBe(true);
  await held;
  // By then somebody may have lost sight of it.
  expect(one.take(delivery('3'))).toBe(false);
  expect(one.holds()).toBeUndefined();
  one.step(10);
  expect(written).toEqual(['ada 1+2', 'bob 1+2']);
});

test('what goes to everybody takes along nothing that does not', () => {
  expect(new RoomDelivery(port as never, 'c:c', mailOf('open')).take(delivery('1'))).toBe(false);
});

test('that is given up goes to those of whom it is known', async () => {
  known.delete('bob');
  learn = () => new Promise(() => undefined);
  const one = delivery('1');
  const held = one.holds();
  one.giveUp();
  await held;
  one.step(10);
  expect(written).toEqual(['ada 1']);
});
