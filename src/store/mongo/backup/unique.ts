import type { Collection, Db, Document, IndexDescription, ObjectId } from 'mongodb';
import { Fault } from '../../../kernel/errors.js';
import { isDuplicate } from '../faults.js';
import { memberKeys } from '../member-document.js';

/** Whether one is a message's: those are never given up, so two that are the same are no backup of ours. */
const isForEver = (name: string): boolean => name === 'messages';

/**
 * Builds the indexes of a collection that was restored. What was given up while the backup was taken may be there twice: with who had it
 * when they were read, and with who took it since and was read later. So one keeps it, the one that was read last; of the others a member
 * gets another name, and holds the e-mail address no more, and anything else goes. Answers in words what was changed.
 */
export const buildUnique = async (db: Db, name: string, indexes: readonly IndexDescription[]): Promise<string[]> => {
  if (indexes.length === 0) return [];
  const collection = db.collection(name);
  try {
    await collection.createIndexes([...indexes]);
    return [];
  } catch (error) {
    if (!isDuplicate(error) || isForEver(name)) throw error;
  }
  const told: string[] = [];
  for (const index of indexes.filter(({ unique }) => unique)) told.push(...(await resolve(collection, index)));
  await collection.createIndexes([...indexes]);
  return told;
};

const resolve = async (collection: Collection, { key, partialFilterExpression = {} }: IndexDescription): Promise<string[]> => {
  const fields = Object.keys(key as Record<string, 1>);
  const same = collection.aggregate<{ ids: ObjectId[] }>(
    [
      { $match: partialFilterExpression },
      { $sort: { _id: 1 } },
      {
        $group: { _id: Object.fromEntries(fields.map((field, at) => [`f${at}`, `$${field}`])), ids: { $push: '$_id' }, count: { $sum: 1 } },
      },
      { $match: { count: { $gt: 1 } } },
    ],
    { allowDiskUse: true },
  );
  const told: string[] = [];
  for (const { ids } of await same.toArray()) {
    for (const id of ids.slice(0, -1)) told.push(await giveUp(collection, id, fields));
  }
  return told;
};

const giveUp = async (collection: Collection, _id: ObjectId, fields: readonly string[]): Promise<string> => {
  const { collectionName: name } = collection;
  if (name !== 'members') {
    await collection.deleteOne({ _id });
    return `${name} ${String(_id)} was there twice`;
  }
  if (fields[0] === 'email_key') {
    await collection.updateOne({ _id }, { $unset: { email_key: '' } });
    return `member ${_id.toHexString()} signs in by the username alone: somebody else holds the e-mail address since`;
  }
  const member = await collection.findOne<Document & { username: string }>({ _id });
  if (!member) throw new Fault('not_found');
  const username = `${member.username.slice(0, 20)}_${_id.toHexString().slice(-6)}`;
  await collection.updateOne({ _id }, { $set: { username, ...memberKeys({ username }) } });
  return `member ${_id.toHexString()} is called ${username}: somebody else is called ${member.username} since`;
};
