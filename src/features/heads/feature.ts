import { bind } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { syncHeads } from './contract.js';
import { communitiesWithHeads, readHeads } from './heads.js';

/**
 * Where threads stand, in every place that one may see, without following any of them: so marks of the unread are right everywhere. A
 * client counts from a head and how far it has read itself.
 *
 * `sync_heads` reads the store: memberships, communities, threads, each once as a rule. Through a connection it subscribes first and
 * reads after, so that nothing falls between, which is one read more. Communities tell what has moved from the figures that their
 * threads tell them anyway: a send costs nothing more. Events are hints: who may have missed some asks again with `since`, and a crash
 * costs a client that question.
 *
 * Promises: nobody hears of a thread that they may not view, nor anything of a community that they left. What moved before `at` and is
 * stored is in the answer, or in one before it.
 */
export const heads = defineFeature({
  name: 'heads',
  needs: [],
  operations: [
    bind(syncHeads, async (caller, input, { ports, connection }) => {
      // A later page is one of the same question: what moves meanwhile is told already.
      if (!connection || input.cursor !== undefined) return (await readHeads(ports, caller, input)).answer;
      return connection.followHeads({
        communities: () => communitiesWithHeads(ports, caller),
        read: () => readHeads(ports, caller, input),
      });
    }),
  ],
});
