import { describe, expect, it } from '@jest/globals';
import { MongoBulkWriteError, MongoNetworkError, MongoServerError, MongoServerSelectionError, type TopologyDescription } from 'mongodb';
import { reading, writing } from '../../../src/store/mongo/faults.js';

const failing = (error: unknown) => async (): Promise<never> => {
  throw error;
};

/** As the operating system says it, when the connection ended under a write: the driver does not wrap it. */
const cutOff = (): Error => Object.assign(new Error('write ECONNRESET'), { errno: -104, code: 'ECONNRESET', syscall: 'write' });

describe('a write', () => {
  it.each([
    ['a connection cut off under it', cutOff()],
    ['a connection that failed', new MongoNetworkError('connection closed')],
    ['a server that stopped on the way', new MongoServerError({ message: 'shutdown in progress', code: 91 })],
  ])('of unknown outcome ends in `timeout`: %s', async (_what, error) => {
    await expect(writing(failing(error))).rejects.toMatchObject({ name: 'Fault', code: 'timeout' });
  });

  it.each([
    ['no server was found', new MongoServerSelectionError('none', {} as TopologyDescription)],
    ['the server refused it', new MongoServerError({ message: 'not authorized', code: 13 })],
  ])('that wrote nothing ends in `unavailable`: %s', async (_what, error) => {
    await expect(writing(failing(error))).rejects.toMatchObject({ name: 'Fault', code: 'unavailable' });
  });

  it('that met a unique index passes on what it met', async () => {
    const error = new MongoServerError({ message: 'E11000', code: 11000 });
    await expect(writing(failing(error))).rejects.toBe(error);
  });

  it('passes on a defect as it is', async () => {
    const error = new TypeError('x is not a function');
    await expect(writing(failing(error))).rejects.toBe(error);
  });

  it('of many that failed as a whole is judged by what was thrown', async () => {
    const thrown = new MongoServerSelectionError('none', {} as TopologyDescription);
    const error = new MongoBulkWriteError(thrown as never, {} as never);
    await expect(writing(failing(error))).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a read', () => {
  it.each([
    ['a connection cut off under it', cutOff()],
    ['a connection that failed', new MongoNetworkError('connection closed')],
  ])('without an answer ends in `unavailable`: %s', async (_what, error) => {
    await expect(reading(failing(error))).rejects.toMatchObject({ name: 'Fault', code: 'unavailable' });
  });

  it('passes on a defect as it is', async () => {
    const error = new TypeError('x is not a function');
    await expect(reading(failing(error))).rejects.toBe(error);
  });
});
