import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { LiveMessage, Thread } from '../../src/protocol/resources.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, password, record, signUpAndConnect } from './people.js';

/** Names change on one node, and are used on another at once: whoever has a name now is meant by it. */
describe('mentions on two nodes', () => {
  let cluster: TestCluster;
  const people: ParleyClient[] = [];
  let writer: ParleyClient;
  let ann: ParleyClient;
  let thread: Thread;

  const join = async (node: number, name?: string): Promise<ParleyClient> => {
    const person = await signUpAndConnect([cluster.urls[node]!], name);
    people.push(person);
    return person;
  };
  const idOf = (person: ParleyClient): string => person.session.memberId!;
  const nameOf = async (person: ParleyClient): Promise<string> => (await person.operations.getMember({ member_id: idOf(person) })).username;
  const rename = (person: ParleyClient, username: string) =>
    person.operations.updateMember({ member_id: idOf(person), username, password });
  const say = async (content: string): Promise<LiveMessage> => (await writer.send(thread.id, { content })) as LiveMessage;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    writer = await join(0);
    ann = await join(1, 'ann');
    ({ thread } = await found(writer, [ann]));
  });
  afterAll(async () => {
    for (const person of people) person.close();
    await cluster?.stop();
  });

  it('a name that changed hands a moment ago is its new owner’s, and old mentions keep whom they meant', async () => {
    const name = await nameOf(ann);
    const old = await say(`@${name}`);
    expect(old).toMatchObject({ mentions: [idOf(ann)], mention_names: [name] });
    await rename(ann, `${name}a`);
    const other = await join(1);
    await other.operations.joinAsMember({ community_id: thread.community_id });
    await rename(other, name);
    const rung = record(other, 'notification');
    expect(await say(`@${name} and @${name}a`)).toMatchObject({ mentions: [idOf(other), idOf(ann)], mention_names: [name, `${name}a`] });
    await until('the new owner is rung', () => rung.length === 1);
    const { items } = await ann.operations.listMessages({ thread_id: thread.id, after_seq: 0 });
    expect(items.find(({ id }) => id === old.id)).toMatchObject({ mentions: [idOf(ann)], mention_names: [name] });
  });

  it('who has just registered is mentioned at once, also when the name was looked for in vain', async () => {
    const wanted = `new${Math.random().toString(36).slice(2, 8)}`;
    expect(await say(`@${wanted}`)).toMatchObject({ mentions: [] });
    const fresh = await join(1);
    await rename(fresh, wanted);
    expect(await say(`@${wanted}`)).toMatchObject({ mentions: [idOf(fresh)], mention_names: [wanted] });
    const name = await nameOf(await join(1));
    expect(await say(`@${name}`)).toMatchObject({ mention_names: [name] });
  });
});
