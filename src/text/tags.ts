import { fold } from './folding.js';

/**
 * Tags without blanks around them and without doubles: of those that are one when folded, the spelling that came first.
 */
export const distinctTags = (tags: readonly string[]): string[] => {
  const spellings = new Map<string, string>();
  for (const tag of tags) if (!spellings.has(fold(tag))) spellings.set(fold(tag), tag.trim());
  return [...spellings.values()];
};

/** What a tag is looked up by. */
export const tagKeys = (tags: readonly string[]): string[] => [...new Set(tags.map(fold))];
