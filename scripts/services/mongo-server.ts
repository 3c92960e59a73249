import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startDocumentDb } from './documentdb/documentdb.js';
import { canBuildRoot } from './documentdb/root.js';
import { pingMongo } from './mongo-ping.js';
import { downloadMongod, startMongod } from './mongod.js';
import { external, type RunningService, type ServiceOptions } from './running-service.js';
import { findProgram } from './shell.js';

/** A MongoDB-compatible server for this data directory: the first of the four ways that this machine allows. */
export const startMongo = async (options: ServiceOptions): Promise<RunningService> => {
  const url = process.env.MONGODB_URL;
  if (url) {
    await pingMongo(url).catch((error: unknown) => {
      throw new Error(`MONGODB_URL is set, but no MongoDB answers at ${withoutPassword(url)} (${(error as Error).message.split('\n')[0]})`);
    });
    options.log(`mongo: ${withoutPassword(url)}, from MONGODB_URL`);
    return external('mongo', url, 'MONGODB_URL');
  }
  // Data stays with the server that wrote it, whatever else this machine has to offer by now.
  if (existsSync(join(options.dataDir, 'documentdb')) && canBuildRoot()) return startDocumentDb(options);
  const program = findProgram('mongod');
  if (program) return startMongod(program, options);
  options.log('mongo: no mongod on PATH');
  const downloaded = await downloadMongod(options.log);
  if (downloaded) return startMongod(downloaded, options);
  if (canBuildRoot()) return startDocumentDb(options);
  throw new Error(
    'no MongoDB can be started here: install mongod (MongoDB 7 or later) on PATH, set MONGODB_URL, or start as root on Debian, where DocumentDB is set up instead',
  );
};

const withoutPassword = (url: string): string => url.replace(/\/\/[^@/]*@/, '//…@');
