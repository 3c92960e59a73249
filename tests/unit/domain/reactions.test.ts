import { expect, test } from '@jest/globals';
import { ObjectId } from 'mongodb';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import { reacted } from '../../../src/actors/domain/thread/message-policy.js';
import type { MessageRecord } from '../../../src/store/contracts.js';
import { messageDocument, messageRecord } from '../../../src/store/mongo/message-document.js';
import { anAccess } from '../../access.js';
import { aMessage, anId } from '../../conformance/store/records.js';

const by = (member_id: string): Access => anAccess({ member_id, is_public: true, role: 'member' });
const [ann, ben] = [anId(), anId()];
const after = (message: MessageRecord, who: string, emoji: string, add: boolean): MessageRecord =>
  reacted(message, by(who), emoji, add, 1) ?? message;

test('one emoji is one reaction in either form, and is taken back by either', () => {
  let message = after(aMessage(), ann, '❤', true);
  expect(message.reactions).toEqual([{ emoji: '❤️', members: [ann] }]);
  expect(reacted(message, by(ann), '❤️', true, 1)).toBeNull();
  message = after(message, ben, '❤️', true);
  expect(message.reactions).toEqual([{ emoji: '❤️', members: [ann, ben] }]);
  message = after(message, ann, '❤\ufe0e', false);
  expect(message.reactions).toEqual([{ emoji: '❤️', members: [ben] }]);
  expect(after(message, ben, '❤', false).reactions).toEqual([]);
});

test('what was stored in two forms reads as one, and other text stays until it is taken back', () => {
  const stored = messageDocument(
    aMessage({
      reactions: [
        { emoji: '❤', members: [ann, ben] },
        { emoji: 'lgtm', members: [ann] },
        { emoji: '❤️', members: [ann] },
      ],
    }),
  );
  const message = messageRecord({ ...stored, _id: new ObjectId() });
  expect(message.reactions).toEqual([
    { emoji: '❤️', members: [ann, ben] },
    { emoji: 'lgtm', members: [ann] },
  ]);
  expect(after(message, ann, 'lgtm', false).reactions).toEqual([{ emoji: '❤️', members: [ann, ben] }]);
});
