import {
  MongoBulkWriteError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb';
import { Fault } from '../../kernel/errors.js';

const duplicateKey = 11000;
/** The server began and then stopped or stepped down: what was written before that may stay. */
const interruptions = new Set([50, 91, 189, 11600, 11602, 262]);
/** Names of driver errors that stand for "no connection was had"; their classes are not all exported. */
const notSentNames = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClearedError', 'MongoPoolClosedError']);

/** A bulk write that failed as a whole wraps what was thrown; this is what was thrown. */
const unwrapped = (error: unknown): unknown =>
  error instanceof MongoBulkWriteError && (error.errorResponse as unknown) instanceof Error ? error.errorResponse : error;

export const isDuplicate = (error: unknown): boolean => error instanceof MongoError && error.code === duplicateKey;

/** Whether the failure came before anything was sent. */
const wasNotSent = (error: unknown): boolean =>
  error instanceof MongoServerSelectionError ||
  error instanceof MongoNotConnectedError ||
  error instanceof MongoTopologyClosedError ||
  (error instanceof MongoError && notSentNames.has(error.name)) ||
  (error instanceof MongoNetworkError && error.hasErrorLabel(MongoErrorLabel.HandshakeError));

/** Whether the server answered that it refused the whole command. */
const wasRefused = (error: unknown): boolean =>
  error instanceof MongoServerError &&
  !(error instanceof MongoWriteConcernError) &&
  !(error instanceof MongoBulkWriteError) &&
  !interruptions.has(Number(error.code));

/**
 * A failure of the driver or of the connection under it: the driver passes on bare what the operating system says when a
 * connection ends under a write (`write ECONNRESET`).
 */
export const isStoreFailure = (error: unknown): boolean =>
  error instanceof MongoError || (error instanceof Error && 'syscall' in error && 'errno' in error);

const later = { retry_after_ms: 1_000 };
const unavailable = (cause: unknown): Fault => new Fault('unavailable', 'The store is not available', later, cause);
const timeout = (cause: unknown): Fault => new Fault('timeout', 'The store did not answer in time', later, cause);

/** Runs a read: any failure of the driver or the connection becomes Fault `unavailable`. */
export const reading = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    throw isStoreFailure(error) ? unavailable(error) : error;
  }
};

/**
 * Runs a write: Fault `unavailable` when nothing was written, `timeout` when that is not known. Duplicate keys pass through
 * as they are: whoever writes under a unique index says what they mean.
 */
export const writing = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    if (!isStoreFailure(error) || isDuplicate(error)) throw error;
    const thrown = unwrapped(error);
    throw wasNotSent(thrown) || wasRefused(thrown) ? unavailable(error) : timeout(error);
  }
};
