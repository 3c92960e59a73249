import { PostgresError } from './postgres-connection.js';
import { PoolBusy } from './postgres-pool.js';

/** What a driver needs to know of a failure. */
export interface WireFailure {
  code: number;
  codeName: string;
  errmsg: string;
}

/** DocumentDB's own SQLSTATEs and what MongoDB calls them. */
const documentdbStates: Record<string, [code: number, name: string]> = {
  M0000: [1, 'InternalError'],
  M0001: [2, 'BadValue'],
  M0002: [5, 'GraphContainsCycle'],
  M0003: [9, 'FailedToParse'],
  M0004: [14, 'TypeMismatch'],
  M0005: [15, 'Overflow'],
  M0006: [20, 'IllegalOperation'],
  M0007: [23, 'AlreadyInitialized'],
  M0008: [26, 'NamespaceNotFound'],
  M0009: [27, 'IndexNotFound'],
  M000A: [28, 'PathNotViable'],
  M000B: [31, 'RoleNotFound'],
  M000D: [40, 'ConflictingUpdateOperators'],
  M000E: [43, 'CursorNotFound'],
  M000F: [48, 'NamespaceExists'],
  M000G: [52, 'DollarPrefixedFieldName'],
  M000J: [56, 'EmptyFieldName'],
  M000K: [57, 'DottedFieldName'],
  M000M: [66, 'ImmutableField'],
  M000N: [67, 'CannotCreateIndex'],
  M000O: [68, 'IndexAlreadyExists'],
  M000P: [72, 'InvalidOptions'],
  M000Q: [73, 'InvalidNamespace'],
  M000R: [85, 'IndexOptionsConflict'],
  M000S: [86, 'IndexKeySpecsConflict'],
  M000U: [115, 'CommandNotSupported'],
  M000W: [146, 'ExceededMemoryLimit'],
  M000Z: [166, 'CommandNotSupportedOnView'],
  M0012: [197, 'InvalidIndexSpecificationOption'],
  M0013: [224, 'QueryFeatureNotAllowed'],
  M0015: [241, 'ConversionFailure'],
  M0016: [263, 'OperationNotSupportedInTransaction'],
  M0017: [276, 'IndexBuildAborted'],
  M001B: [10334, 'BSONObjectTooLarge'],
  M001C: [11000, 'DuplicateKey'],
  M001D: [12587, 'BackgroundOperationInProgressForNamespace'],
  M003A: [17419, 'Location17419'],
  M003B: [17420, 'Location17420'],
  M007U: [40324, 'Location40324'],
  M0088: [40415, 'Location40415'],
  M00CO: [121, 'DocumentValidationFailure'],
  M00E7: [13, 'Unauthorized'],
  M00E8: [10107, 'NotWritablePrimary'],
  M00EL: [292, 'CursorInUse'],
  M00ER: [13, 'Unauthorized'],
  M00EW: [24, 'LockTimeout'],
  M00EX: [50, 'MaxTimeMSExpired'],
  M00EY: [59, 'CommandNotFound'],
  M00F0: [91, 'ShutdownInProgress'],
  M00F1: [112, 'WriteConflict'],
  M00F2: [117, 'ConflictingOperationInProgress'],
  M00FD: [171, 'CannotIndexParallelArrays'],
};

/** PostgreSQL's own, where they mean something to a driver. */
const postgresStates: Record<string, [code: number, name: string]> = {
  '23505': [11000, 'DuplicateKey'],
  '23P01': [11000, 'DuplicateKey'],
  '40001': [112, 'WriteConflict'],
  '40P01': [112, 'WriteConflict'],
  '42P01': [26, 'NamespaceNotFound'],
  '53100': [14031, 'OutOfDiskSpace'],
  '54000': [10334, 'BSONObjectTooLarge'],
  '55P03': [24, 'LockTimeout'],
  '57014': [50, 'MaxTimeMSExpired'],
  '57P01': [91, 'ShutdownInProgress'],
  '57P03': [91, 'ShutdownInProgress'],
};

export const failureOfState = (sqlState: string, message: string): WireFailure => {
  const [code, codeName] = documentdbStates[sqlState] ?? postgresStates[sqlState] ?? [1, 'InternalError'];
  return { code, codeName, errmsg: message };
};

export const failureOf = (error: unknown): WireFailure => {
  if (error instanceof PostgresError) return failureOfState(error.sqlState, error.message);
  if (error instanceof PoolBusy) return { code: 262, codeName: 'ExceededTimeLimit', errmsg: error.message };
  return { code: 1, codeName: 'InternalError', errmsg: error instanceof Error ? error.message : String(error) };
};

/** The statement lost against another one and left nothing behind: MongoDB would have tried it again by itself. */
export const isPassing = (error: unknown): boolean =>
  error instanceof PostgresError && ['40001', '40P01', '55P03', 'M00F1', 'M00EW'].includes(error.sqlState);

/**
 * Inside a write's result DocumentDB gives an SQLSTATE as one integer, as PostgreSQL packs it: six bits a character, the first one
 * lowest, each counted from '0'. A number that no SQLSTATE can have is a MongoDB code already.
 */
export const unpackState = (packed: number): string => {
  let state = '';
  for (let i = 0; i < 5; i++) state += String.fromCharCode(((packed >> (6 * i)) & 0x3f) + 0x30);
  return state;
};
