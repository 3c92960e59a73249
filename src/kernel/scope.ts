import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf work is done; travels with actor messages to other nodes, and into every log line. */
export interface Scope {
  request_id?: string;
  member_id?: string;
  actor?: string;
}

const storage = new AsyncLocalStorage<Scope>();

export const currentScope = (): Scope | undefined => storage.getStore();

export const withScope = <T>(scope: Scope, run: () => T): T => storage.run(scope, run);
