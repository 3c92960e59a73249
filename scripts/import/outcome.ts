import type { ImportSummary } from './importer.js';

/** How an import ended, as the exit code tells it. */
export const codes = {
  /** Every line is stored, or was there before. */
  whole: 0,
  /** It could not begin or not end, the file is damaged or cut short, or nothing in it could be taken. */
  failed: 1,
  /** Everything was read, and some lines were rejected. */
  partly: 3,
  /** Stopped by a signal; the same command goes on from there. */
  interrupted: 130,
} as const;

export const codeOf = (summary: ImportSummary, damage: string | null): number => {
  if (damage !== null) return codes.failed;
  if (!summary.complete) return codes.interrupted;
  if (summary.stored + summary.known === 0) return codes.failed;
  return summary.rejected > 0 ? codes.partly : codes.whole;
};

/** What became of it, in lines for people. */
export const outcome = (summary: ImportSummary, damage: string | null, seconds: number, rejectsPath: string): string[] => {
  const { made, stored, known, rejected, owners, lastLine, complete } = summary;
  const lines = [
    `messages  ${stored} stored, ${known} known already, ${rejected} rejected`,
    `new       ${made.communities} communities, ${made.threads} threads, ${made.members} members`,
    `time      ${seconds.toFixed(1)} s, ${Math.round((stored + known) / seconds)} messages/s`,
  ];
  if (owners.given > 0) lines.push(`owner     ${owners.given} communities of an earlier import were handed over`);
  if (owners.kept > 0) lines.push(`owner     ${owners.kept} communities stay with their owner, who can sign in`);
  if (rejected > 0) lines.push(`rejected  see ${rejectsPath}`);
  if (damage !== null) lines.push(`damaged   the file ${damage} behind line ${lastLine}: what can be read is stored, the rest is missing`);
  else if (!complete) lines.push(`stopped after line ${lastLine}; the same command again goes on from there`);
  else if (stored + known === 0) lines.push(`nothing   no line of the file could be taken${lastLine === 0 ? ': it has none' : ''}`);
  return lines;
};
