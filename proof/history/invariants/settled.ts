import type { Invariant } from '../invariant.js';

/** 12, 13 and 14: once all is quiet, presence is what it is, figures are back at their base line, and no log tells of a defect. */
export const settled: Invariant = ({ final }, findings) => {
  for (const { observer, member, believed, true: truth } of final.presence) {
    if (believed !== truth) findings.violate(12, `${observer} believes ${member} ${believed}, who is ${truth}`);
  }
  for (const { name, process, base, now, slack } of final.gauges) {
    if (now > base + slack) findings.violate(13, `${process}: ${name} is ${now}, its base line ${base} (and ${slack} at most above it)`);
  }
  for (const { process, line } of final.defects) findings.violate(14, `${process}: ${line}`);
};
