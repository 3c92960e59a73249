import { describe, expect, test } from '@jest/globals';
import { check } from '../../../proof/history/check.js';
import type { Entry, StoredMessage } from '../../../proof/history/history.js';
import { everything, Story, shownAs, type Told } from './story.js';

const thread = 't1';
type Kind<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

const all = <K extends Entry['kind']>(told: Told, kind: K): Kind<K>[] => told.entries.filter((entry) => entry.kind === kind) as Kind<K>[];
const message = (told: Told, seq: number): StoredMessage => told.final.messages.find((it) => it.seq === seq)!;
const viewOf = (told: Told, what: 'caught_up' | 'applied' | 'fresh'): { messages: unknown[]; head_rev: number } =>
  all(told, 'view').find((view) => view.what === what)! as never;
const at = (told: Told): number => told.entries.at(-1)!.at + 1;
const seen = (told: Told, member: string, it: StoredMessage, by: Kind<'seen'>['by'], when = at(told)): void =>
  void told.entries.push({ kind: 'seen', at: when, client: `client-${member}`, member, thread, by, message: shownAs(it) });

/** What was planted must be among what is found; `alone`: and nothing else. */
const planted = (invariant: number, what: RegExp, plant: (told: Told) => void, alone = true): void => {
  const told = everything().end();
  plant(told);
  const { violations } = check(told);
  const found = violations.filter((violation) => violation.invariant === invariant && what.test(violation.what));
  expect({ found: found.length > 0, all: violations }).toMatchObject({ found: true });
  if (alone) expect(violations.filter((violation) => violation.invariant !== invariant)).toEqual([]);
};

describe('1, acknowledged sends', () => {
  test('lost', () => {
    planted(
      1,
      /lost/,
      (told) => {
        told.final.messages.pop();
      },
      false,
    );
  });
  test('doubled', () => {
    planted(1, /stored 2 times/, (told) => told.final.messages.push({ ...message(told, 4), id: 'm5', seq: 5, rev: 99 }), false);
  });
  test('moved to another seq', () => {
    const swap = (told: Told): void => {
      const [one, two] = [message(told, 1), message(told, 2)];
      [one.seq, two.seq] = [two.seq, one.seq];
    };
    planted(1, /is stored at seq/, swap, false);
  });
});

describe('2, seqs and revs', () => {
  test('a hole in seq', () => {
    planted(
      2,
      /seq 4 to 8 is missing/,
      (told) => {
        message(told, 4).seq = 9;
      },
      false,
    );
  });
  test('a rev given twice', () => {
    planted(
      2,
      /rev 2 is stored twice/,
      (told) => {
        message(told, 1).rev = 2;
      },
      false,
    );
  });
  test('a change without its rev', () => {
    const skip = (told: Told): void => {
      told.entries = told.entries.filter((entry) => entry.kind !== 'commit' || entry.rev !== 4);
    };
    planted(2, /no change has rev 4/, skip, false);
  });
  test('one rev shown as two messages', () => {
    planted(2, /rev 2 was shown as m2 and as m4/, (told) => seen(told, 'ada', { ...message(told, 4), rev: 2 }, 'page'), false);
  });
  test('reordered: what was acknowledged first stands behind what was sent later', () => {
    const story = new Story('ada');
    const op = story.call('ada', { do: 'send', thread, nonce: 'early', content: 'early' });
    const early = story.place('ada', 'early', 'early');
    story.answer(op, { message: { ...shownAs(early), seq: 2 } });
    const late = story.send('bob', 'late');
    early.seq = 2;
    late.seq = 1;
    expect(check(story.end()).violations).toContainEqual(
      expect.objectContaining({ invariant: 2, what: expect.stringContaining('stands behind') }),
    );
  });
});

describe('3, sends without an acknowledgement', () => {
  const refused = (code: string): Story => {
    const story = new Story('ada');
    const op = story.call('ada', { do: 'send', thread, nonce: 'n', content: 'no' });
    story.place('ada', 'n', 'no');
    story.answer(op, { outcome: 'refused', code });
    return story;
  };
  test('refused for good, and stored', () => {
    for (const code of ['validation_failed', 'forbidden', 'rate_limited'])
      expect(check(refused(code).end()).violations).toMatchObject([{ invariant: 3, entries: expect.arrayContaining([2]) }]);
    expect(check(refused('unavailable').end()).violations).toEqual([]);
  });
  test('unknown, and stored twice', () => {
    const story = new Story('ada');
    story.call('ada', { do: 'send', thread, nonce: 'n', content: 'no' });
    story.place('ada', 'n', 'no');
    story.place('ada', 'n', 'no');
    expect(check(story.end()).violations).toMatchObject([{ invariant: 3 }]);
  });
  test('stored, and sent by nobody', () => {
    const story = new Story('ada');
    story.place('ada', 'n', 'from nowhere');
    expect(check(story.end()).violations).toMatchObject([{ invariant: 3 }]);
  });
});

describe('4, views that are caught up', () => {
  test('reordered', () => {
    planted(4, /instead of/, (told) => {
      const { messages } = viewOf(told, 'caught_up');
      messages.splice(1, 2, messages[2], messages[1]);
    });
  });
  test('a message in the middle is missing', () => {
    planted(4, /has 3 messages from its first on/, (told) => {
      viewOf(told, 'caught_up').messages.splice(1, 1);
    });
  });
  test('missed edit: the old text under the old rev', () => {
    planted(4, /has rev 1 instead of/, (told) => {
      Object.assign(viewOf(told, 'caught_up').messages[0]!, { content: 'one', rev: 1, reactions: [] });
    });
  });
  test('the end is missing', () => {
    planted(4, /ends at rev/, (told) => {
      const view = viewOf(told, 'caught_up');
      view.messages.pop();
      view.head_rev--;
    });
  });
});

describe('5, what was shown', () => {
  test('a message that is not stored', () => {
    planted(5, /not stored/, (told) => seen(told, 'bob', { ...message(told, 4), id: 'm9', seq: 9, rev: 99 }, 'new_message'));
  });
  test('a change that was never committed', () => {
    planted(5, /never committed/, (told) => seen(told, 'bob', { ...message(told, 2), rev: 1.5 }, 'message_updated'));
  });
  test('before its commit', () => {
    planted(5, /committed only later/, (told) => {
      const commit = told.entries.findIndex((entry) => entry.kind === 'commit' && entry.message === 'm2');
      const [shown] = told.entries.splice(
        told.entries.findIndex((entry) => entry.kind === 'seen' && entry.message.id === 'm2'),
        1,
      );
      told.entries.splice(commit, 0, shown!);
    });
  });
  test('a text that nobody wrote', () => {
    planted(5, /text that nobody had written/, (told) => {
      seen(told, 'bob', { ...message(told, 2), content: 'forged' }, 'page');
    });
  });
});

describe('6, after a removal', () => {
  const afterwards = (by: 'new_message' | 'page') => (told: Told) => seen(told, 'cyd', message(told, 4), by, at(told) + 10_000);
  test('an event and a page', () => {
    planted(6, /received new_message/, afterwards('new_message'));
    planted(6, /was served a page/, afterwards('page'));
  });
  test('a page of a public community is no breach, an event is', () => {
    const told = everything().end();
    told.final.publicCommunities = ['c1'];
    afterwards('page')(told);
    expect(check(told).violations).toEqual([]);
    afterwards('new_message')(told);
    expect(check(told).violations).toMatchObject([{ invariant: 6 }]);
  });
  test('while announcements are lost the bound does not run', () => {
    const told = everything().end();
    afterwards('new_message')(told);
    const last = told.entries.at(-1)!.at;
    told.final.announcementsLost = [{ from: 0, to: last - 1_000 }];
    expect(check(told).violations).toEqual([]);
    told.final.announcementsLost = [{ from: 0, to: last - 11_000 }];
    expect(check(told).violations).toMatchObject([{ invariant: 6 }]);
  });
  test('a read receipt, and an acknowledged send', () => {
    planted(6, /read receipt/, (told) => {
      told.entries.push({ kind: 'receipt', at: at(told) + 10_000, client: 'client-cyd', thread, member: 'bob', seq: 3 });
    });
    const story = everything();
    story.tick(20_000);
    story.send('cyd', 'still here');
    expect(check(story.end()).violations).toMatchObject([{ invariant: 6, what: expect.stringContaining('could send') }]);
  });
});

describe('7, epochs', () => {
  const claim = (told: Told, epoch: number, instance: string): void =>
    void told.entries.push({ kind: 'claimed', at: at(told), slot: 7, instance, epoch });
  test('go back', () => planted(7, /back to 1/, (told) => claim(told, 1, 'n3')));
  test('are given twice', () => planted(7, /both have epoch 2/, (told) => claim(told, 2, 'n3')));
  test('stale epoch: an old owner overwrites a place and a change', () => {
    const write = (told: Told, id: string, seq: number, rev: number): void =>
      void told.entries.push({ kind: 'commit', at: at(told), thread, message: id, seq, rev, epoch: 1 });
    planted(7, /put m9 over m4/, (told) => write(told, 'm9', 4, 99), false);
    planted(7, /over rev/, (told) => write(told, 'm1', 1, 3), false);
  });
});

test('8, two activations at once', () => {
  planted(8, /active on n2 and on n1/, (told) => {
    told.entries.push({ kind: 'activation', at: at(told), address: `thread/${thread}`, instance: 'n1', epoch: 1, on: true });
  });
});

describe('9, edits, deletions, reactions', () => {
  test('an acknowledged edit is lost', () => {
    const story = new Story('ada');
    const first = story.send('ada', 'one');
    story.edit(first, 'two');
    first.content = 'one';
    const told = story.end();
    expect(check(told).violations).toContainEqual(
      expect.objectContaining({ invariant: 9, what: expect.stringContaining('an edit was lost') }),
    );
  });
  test('an older edit comes back', () => {
    const story = new Story('ada');
    const first = story.send('ada', 'one');
    story.edit(first, 'two');
    story.edit(first, 'three');
    first.content = 'two';
    expect(check(story.end()).violations.map(({ invariant }) => invariant)).toContain(9);
  });
  test('of two edits at the same time, the one with the lower rev stands', () => {
    const story = new Story('ada');
    const first = story.send('ada', 'one');
    const ops = ['a', 'b'].map((content) => story.call('ada', { do: 'edit', thread, message: first.id, content }));
    for (const [i, op] of ops.entries()) {
      first.content = i === 0 ? 'a' : 'b';
      story.commit(first);
      story.answer(op, { message: shownAs(first) });
    }
    first.content = 'a';
    expect(check(story.end()).violations).toContainEqual(expect.objectContaining({ invariant: 9 }));
  });
  test('a deleted message is there again', () => {
    planted(9, /is there again/, (told) => Object.assign(message(told, 3), { deleted: false, content: 'three' }), false);
  });
  test('its text is still stored', () => planted(9, /still stored/, (told) => Object.assign(message(told, 3), { content: 'three' })));
  test('a message is deleted by nobody', () => {
    planted(9, /nobody deleted it/, (told) => Object.assign(message(told, 2), { deleted: true, content: '' }), false);
  });
  test('its text is served again: in a page, to who saw the deletion, in an answer', () => {
    const earlier = (told: Told): StoredMessage => ({ ...message(told, 3), rev: 7, deleted: false, content: 'three' });
    planted(9, /after its deletion \(page\)/, (told) => seen(told, 'bob', earlier(told), 'page', at(told) + 20_000));
    planted(9, /after its deletion \(event\)/, (told) => seen(told, 'bob', earlier(told), 'message_updated', at(told) + 20_000));
    planted(9, /after its deletion \(answer\)/, (told) => {
      const when = at(told);
      const act = { do: 'react', thread, message: 'm3', emoji: '+1', on: true } as const;
      told.entries.push({ kind: 'call', at: when, op: 99, client: 'client-bob', member: 'bob', act });
      told.entries.push({ kind: 'answer', at: when, op: 99, outcome: 'ok', message: shownAs(earlier(told)) });
    });
  });
  test('a reaction is lost, comes back, or was never called for', () => {
    const reactions = (members: string[]) => (told: Told) =>
      Object.assign(message(told, 1), { reactions: members.length > 0 ? [{ emoji: '+1', members }] : [] });
    planted(9, /of cyd on message m1 is not there/, reactions([]), false);
    planted(9, /of bob on message m1 is there/, reactions(['bob', 'cyd']), false);
    planted(9, /of eve stands/, reactions(['cyd', 'eve']), false);
  });
});

describe('10, read cursors', () => {
  const cursor = (told: Told): { read_seq: number; unread: number } => told.final.cursors[0]!;
  test('go back between two answers', () => {
    planted(10, /from 2 back to 1/, (told) => {
      const [, second] = all(told, 'answer').filter((answer) => answer.read_seq !== undefined);
      second!.read_seq = 1;
    });
  });
  test('are lower in the end than they were told', () => {
    planted(10, /was told as 3, and is 2/, (told) => Object.assign(cursor(told), { read_seq: 2, unread: 2 }));
  });
  test('unread differs from a recount', () => planted(10, /a recount gives 1/, (told) => Object.assign(cursor(told), { unread: 2 })));
  test('a deleted message counts as unread', () => {
    planted(10, /2 are said to be unread, a recount gives 1/, (told) => Object.assign(cursor(told), { read_seq: 2, unread: 2 }));
  });
  test('beyond the last message', () => {
    planted(10, /behind the last message/, (told) => Object.assign(cursor(told), { read_seq: 9, unread: 0 }));
  });
});

describe('11, index and notifications', () => {
  test('a message is not found', () => planted(11, /not in the index/, (told) => void (told.final.indexed as unknown[]).pop()));
  test('a deleted one is found', () => {
    planted(11, /and deleted/, (told) => void (told.final.indexed as unknown[]).push({ thread, message: 'm3' }));
  });
  test('two notifications of one message', () => {
    planted(11, /two notifications/, (told) => void (told.final.notifications as unknown[]).push(told.final.notifications[0]));
  });
});

test('12, presence that does not converge', () => {
  planted(12, /believes bob online/, (told) => Object.assign(told.final.presence[0]!, { true: 'offline' }));
});

test('13, a figure that does not come back', () => {
  planted(13, /heap is 111/, (told) => Object.assign(told.final.gauges[0]!, { now: 111 }));
});

test('14, a defect in a log', () => {
  planted(14, /uncaught/, (told) => void (told.final.defects as unknown[]).push({ process: 'n1', line: 'uncaught exception' }));
});

describe('15, snapshots', () => {
  test('what was applied differs from what is read anew', () => {
    planted(15, /content differs/, (told) => Object.assign(viewOf(told, 'applied').messages[1]!, { content: 'other' }), false);
    planted(15, /rev/, (told) => Object.assign(viewOf(told, 'applied'), { head_rev: 3 }));
    planted(15, /3 messages against 4|in one of them alone/, (told) => void viewOf(told, 'applied').messages.pop());
  });
});

test('of one invariant the first breaches are listed, the others counted', () => {
  const told = everything().end();
  told.final.defects = Array.from({ length: 30 }, (_, i) => ({ process: 'n1', line: `line ${i}` }));
  const { violations, counted } = check(told, { most: 5 });
  expect(violations).toHaveLength(5);
  expect(counted.violationsNotListed).toBe(25);
});
