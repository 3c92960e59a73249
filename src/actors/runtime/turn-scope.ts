import { currentScope, type Scope, withScope } from '../../kernel/scope.js';

/** Stands for "no scope" where the surrounding code has one that is not ours. */
const none: Scope = Object.freeze({});

/** The scope a message sent now travels with. */
export const outgoingScope = (): Scope | undefined => {
  const scope = currentScope();
  return scope === none ? undefined : scope;
};

/**
 * Runs in exactly the given scope. A turn may be started from code that runs for somebody else, whose scope must not leak
 * into it; where the scope is right already (mostly: none at all) it costs one look.
 */
export const inScope = <T>(scope: Scope | undefined, run: () => T): T => {
  const around = currentScope();
  if (around === scope || (scope === undefined && around === none)) return run();
  return withScope(scope ?? none, run);
};
