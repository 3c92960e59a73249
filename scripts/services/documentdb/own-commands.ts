import type { Document } from 'bson';
import { maxMessageBytes } from './op-msg.js';

const version = '7.0.0';
const maxWireVersion = 21;

/** No `setName` and no session time-out: drivers then take the server for a standalone one and send neither sessions nor retries. */
const hello = (command: Document, connectionId: number): Document => ({
  helloOk: true,
  ...('hello' in command ? { isWritablePrimary: true } : { ismaster: true }),
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: maxMessageBytes,
  maxWriteBatchSize: 25_000,
  localTime: new Date(),
  connectionId,
  minWireVersion: 0,
  maxWireVersion,
  readOnly: false,
  ok: 1,
});

const buildInfo = (): Document => ({
  version,
  versionArray: [7, 0, 0, 0],
  bits: 64,
  maxBsonObjectSize: 16 * 1024 * 1024,
  modules: [],
  ok: 1,
});

/** What the gateway answers by itself; names in lower case, as the server does not mind the case of these. */
export const ownCommands: Readonly<Record<string, (command: Document, connectionId: number) => Document>> = {
  hello,
  ismaster: hello,
  ping: () => ({ ok: 1 }),
  endsessions: () => ({ ok: 1 }),
  buildinfo: buildInfo,
  whatsmyuri: () => ({ you: '127.0.0.1:0', ok: 1 }),
  hostinfo: () => ({ system: { hostname: 'localhost', numCores: 1 }, os: { type: 'Linux' }, ok: 1 }),
  connectionstatus: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }),
  getparameter: () => ({ featureCompatibilityVersion: { version: '7.0' }, ok: 1 }),
  getcmdlineopts: () => ({ argv: [], parsed: {}, ok: 1 }),
  getlog: () => ({ totalLinesWritten: 0, log: [], ok: 1 }),
  getfreemonitoringstatus: () => ({ state: 'undecided', ok: 1 }),
  serverstatus: () => ({ host: 'localhost', version, process: 'parley-documentdb', pid: process.pid, uptime: process.uptime(), ok: 1 }),
};
