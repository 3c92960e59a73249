import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { limits, permissions } from '../../src/protocol/access.js';
import { type ClientEventName, clientEvents } from '../../src/protocol/events.js';
import { Fault } from '../../src/protocol/problem.js';
import { startCluster, type TestCluster } from '../cluster/harness.js';
import { eventCases } from './event-cases.js';
import { dependsOnSubject, expectedOutcome, type Subject, signedIn, type Visibility } from './permission-table.js';
import { RawSocket } from './raw-socket.js';
import { type Cast, closeCast, Scene, signUpCast } from './scene.js';

const names = Object.keys(clientEvents) as ClientEventName[];
const visibilities: Visibility[] = ['public', 'private'];

describe('every client event, for everyone', () => {
  let cluster: TestCluster;
  let cast: Cast;
  const scenes = {} as Record<Visibility, Scene>;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    cast = await signUpCast(cluster.urls[0] as string);
    await Promise.all(Object.values(cast.people).map((person) => person.connect()));
    for (const visibility of visibilities) scenes[visibility] = await Scene.set(cast, visibility);
  });
  afterAll(async () => {
    if (cast) closeCast(cast);
    await cluster?.stop();
  });

  it('15 has a case for each event, and each event declares a permission and a limit', () => {
    expect(Object.keys(eventCases).sort()).toEqual([...names].sort());
    for (const name of names) {
      expect(Object.keys(permissions)).toContain(clientEvents[name].permission);
      expect(Object.keys(limits)).toContain(clientEvents[name].limit);
    }
  });

  for (const visibility of visibilities) {
    describe(`with a ${visibility} community`, () => {
      it.each(names)('15 %s, signed in', async (name) => {
        const scene = scenes[visibility];
        const { permission } = clientEvents[name];
        const subjects: Subject[] = dependsOnSubject(permission) ? ['own', 'other'] : ['other'];
        const expected: Record<string, string> = {};
        const seen: Record<string, string> = {};
        for (const subject of subjects) {
          for (const standing of signedIn) {
            const cell = `${standing}, ${subject}`;
            const client = cast.people[standing];
            expected[cell] = expectedOutcome(permission, standing, visibility, subject);
            const payload = await eventCases[name]({ scene, standing, client, subject, allowed: expected[cell] === 'ok' });
            seen[cell] = await client.emit(name, payload).then(
              () => 'ok',
              (thrown: unknown) => Fault.from(thrown).code,
            );
          }
        }
        expect(seen).toEqual(expected);
      });
    });
  }

  it.each(names)('15 %s, by nobody', async (name) => {
    const scene = scenes.public;
    const payload = await eventCases[name]({ scene, standing: 'nobody', client: null, subject: 'other', allowed: false });
    const event = JSON.stringify([name, payload]);

    const turnedAway = new RawSocket(cast.url);
    await turnedAway.greeted();
    turnedAway.send('40{}');
    const word = await turnedAway.frame('a refusal', (frame) => frame.startsWith('4'));
    expect(word.slice(0, 2)).toBe('44');
    expect(JSON.parse(word.slice(2))).toMatchObject({ data: { code: 'unauthenticated' } });
    turnedAway.send(`421${event}`);
    await turnedAway.ended;
    expect(turnedAway.frames.filter((frame) => /^4[0235]/.test(frame))).toEqual([]);

    const unasked = new RawSocket(cast.url);
    await unasked.greeted();
    unasked.send(`421${event}`);
    await unasked.ended;
    expect(unasked.frames.filter((frame) => frame.startsWith('4'))).toEqual([]);
  });

  it('15 has changed nothing where it refused', async () => {
    const { owner } = cast.people;
    for (const visibility of visibilities) {
      for (const [by, { message }] of Object.entries(scenes[visibility].works)) {
        const now = await owner.rest('getMessage', { params: { id: message.id } });
        expect(now).toMatchObject({ content: `by ${by}`, rev: message.rev, reactions: [] });
      }
    }
  });

  it('15 sends nothing to one who may not be in a room', async () => {
    const { banned, stranger, owner } = cast.people;
    const { thread, community } = scenes.public;
    const heard: unknown[] = [];
    for (const outsider of [banned, stranger]) {
      outsider.on('new_message', (payload) => heard.push(payload));
      await expect(outsider.emit('join_thread', { thread_id: thread.id })).rejects.toMatchObject({ code: 'forbidden' });
      await expect(outsider.emit('join_community', { community_id: community.id })).rejects.toMatchObject({ code: 'forbidden' });
    }
    await scenes.public.message(owner);
    // A later event to both by the same road: what was sent before has arrived by then.
    const own = await stranger.rest('createCommunity', { body: { name: 'elsewhere' } });
    const elsewhere = await stranger.rest('createThread', { params: { community_id: own.id }, body: { title: 'elsewhere' } });
    await banned.rest('joinCommunity', { params: { id: own.id } });
    const marks = [banned, stranger].map((outsider) => new Promise<void>((resolve) => outsider.on('new_message', () => resolve())));
    for (const outsider of [banned, stranger]) await outsider.emit('join_thread', { thread_id: elsewhere.id });
    await stranger.rest('sendMessage', { params: { thread_id: elsewhere.id }, body: { content: 'mark' } });
    await Promise.all(marks);
    expect(heard.map((payload) => (payload as { message: { content: string } }).message.content)).toEqual(['mark', 'mark']);
  });
});
