import { describe, expect, test } from '@jest/globals';
import { serialize } from 'bson';
import { DuplicateKeys } from '../../scripts/services/documentdb/duplicate-keys.js';
import { failureOf, failureOfState, isPassing, unpackState } from '../../scripts/services/documentdb/error-codes.js';
import { PostgresError } from '../../scripts/services/documentdb/postgres-connection.js';

const refused = (state: string): PostgresError => new PostgresError(state, 'refused');

describe('what drivers hear of failures', () => {
  test.each([
    ['M001C', 11000],
    ['23P01', 11000],
    ['23505', 11000],
    ['M0008', 26],
    ['M0001', 2],
    ['M0000', 1],
    ['40P01', 112],
    ['XX000', 1],
  ])('%s is %d', (state, code) => {
    expect(failureOf(refused(state)).code).toBe(code);
    expect(failureOfState(state, 'refused').errmsg).toBe('refused');
  });

  test('an SQLSTATE packed into an integer is unpacked', () => {
    const packed = [...'M001C'].reduce((sum, character, i) => sum + ((character.charCodeAt(0) - 0x30) & 0x3f) * 64 ** i, 0);
    expect(unpackState(packed)).toBe('M001C');
  });

  test('only what lost against another statement is tried again', () => {
    expect(['40001', '40P01', '55P03'].every((state) => isPassing(refused(state)))).toBe(true);
    expect(isPassing(refused('M001C'))).toBe(false);
    expect(isPassing(new Error('gone'))).toBe(false);
  });
});

describe('a duplicate key', () => {
  test('names the index and its fields, and asks for them once', async () => {
    let asked = 0;
    const keys = new DuplicateKeys(async () => {
      asked++;
      return [Buffer.from('seq'), Buffer.from(serialize({ thread_id: 1, seq: 1 }))];
    });
    for (let i = 0; i < 2; i++) {
      expect(await keys.describe('db', 'messages', "Duplicate key violation on the requested collection: Index 'seq'")).toEqual({
        errmsg: 'E11000 duplicate key error collection: db.messages index: seq dup key: { thread_id: ?, seq: ? }',
        keyPattern: { thread_id: 1, seq: 1 },
      });
    }
    expect(asked).toBe(1);
    keys.forget();
    await keys.describe('db', 'messages', 'conflicting key value violates exclusion constraint "documents_rum_index_4"');
    expect(asked).toBe(2);
  });

  test('of an unknown index still has its code’s mark', async () => {
    const keys = new DuplicateKeys(async () => []);
    expect((await keys.describe('db', 'c', 'something else')).errmsg).toMatch(/^E11000 /);
  });
});
