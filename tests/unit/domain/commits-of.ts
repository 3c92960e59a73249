import type { LedgerRepository } from '../../../src/store/contracts.js';

type Append = LedgerRepository['append'];

/** Commits of communities go this other way; those of their people, who copy what they are told, as ever. */
export const commitsOfCommunities =
  (append: Append, instead: Append): Append =>
  (commits) =>
    commits.some(({ ledger }) => ledger.startsWith('community:')) ? instead(commits) : append(commits);
