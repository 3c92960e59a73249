import type { Invariant } from '../invariant.js';
import { LedgerSum } from '../ledger-sum.js';

/**
 * 18: commits of a ledger are numbered without a hole, an attempt commits once, what was acknowledged is committed, and whoever says that
 * they know a rev know what the commits up to it leave: so nothing came at or below it later.
 */
export const ledgers: Invariant = ({ entries, final, settings }, findings) => {
  if (!final.ledgers) return;
  const sums = new Map<string, string[]>();
  const values = new Set<string>();
  for (const { ledger, commits } of final.ledgers) {
    const sum = new LedgerSum();
    const list = [sum.sum];
    const attempts = new Set<string>();
    for (const [i, { rev, op_id, changes }] of commits.entries()) {
      if (rev !== i + 1) findings.violate(18, `ledger ${ledger}: rev ${rev} in place ${i + 1}`, []);
      if (op_id !== null && attempts.has(op_id)) findings.violate(18, `ledger ${ledger}: the attempt ${op_id} was committed twice`, []);
      if (op_id !== null) attempts.add(op_id);
      sum.add(changes);
      list.push(sum.sum);
      for (const change of changes)
        if ('value' in change) values.add(`${ledger} ${change.kind} ${change.key} ${JSON.stringify(change.value)}`);
    }
    sums.set(ledger, list);
  }
  for (const [entry, it] of entries.entries()) {
    if (it.kind !== 'ledger') continue;
    findings.count('ledgersKnown');
    const list = sums.get(it.ledger) ?? [new LedgerSum().sum];
    const wanted = list[it.rev];
    if (wanted === undefined)
      findings.violate(18, `${it.client} knows rev ${it.rev} of ${it.ledger}, which ends at ${list.length - 1}`, [entry]);
    else if (wanted !== it.sum)
      findings.violate(18, `${it.client} knows ${it.sum} of ${it.ledger} at rev ${it.rev}, and not ${wanted}`, [entry]);
  }
  for (const { act, call, answer, calledAt } of settings) {
    if (answer?.outcome !== 'ok') continue;
    const name = `me:${call.member} setting ${act.key} ${JSON.stringify(act.value)}`;
    if (!values.has(name))
      findings.violate(18, `the setting ${act.key} of ${call.member} was acknowledged and never committed`, [calledAt]);
  }
};

/** 19: after quiet each copied item of a ledger equals its source, and no other is there. */
export const copies: Invariant = ({ final }, findings) => {
  for (const { ledger, kind, key, item, source } of final.copies ?? [])
    if (item !== source)
      findings.violate(19, `ledger ${ledger}: ${kind} ${key} is ${item ?? 'not there'}, and its source ${source ?? 'not there'}`, []);
};
