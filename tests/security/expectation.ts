import type { Allow } from '../../src/authority/allow.js';
import { decide } from '../../src/authority/decide.js';
import type { Operation } from '../../src/catalogue/operation.js';
import { anAccess } from '../access.js';
import { operationCases } from './operation-cases.js';
import { dependsOnSubject, expectedOutcome, type Outcome, type Standing, type Subject, type Visibility } from './permission-table.js';
import { wordOf } from './words-of-operations.js';

/** How somebody with this name stands to the scene's community. */
const standingOf = (standing: Standing, visibility: Visibility) =>
  anAccess({
    is_public: visibility === 'public',
    role:
      standing === 'owner' || standing === 'moderator'
        ? standing
        : standing === 'member' || standing === 'muted'
          ? ('member' as const)
          : null,
    is_banned: standing === 'banned',
    muted_until: standing === 'muted' ? Number.POSITIVE_INFINITY : null,
  });

/** Fields that have to name whoever asks. */
const selfFields = (allow: Allow): string[] =>
  allow.who === 'self' ? [allow.field] : allow.who === 'any' ? allow.of.flatMap(selfFields) : [];

const asksWhose = (allow: Allow): boolean =>
  allow.who === 'self' || allow.who === 'author' || (allow.who === 'any' && allow.of.some(asksWhose));

/** What the statement of an operation says of somebody: for those that version 1 has no word for. */
const stated = ({ allow }: Operation, standing: Standing, visibility: Visibility, subject: Subject): Outcome => {
  const asker = standing === 'nobody' ? undefined : { member_id: 'them', is_admin: false, isAuthor: subject === 'own' };
  const input = Object.fromEntries(selfFields(allow).map((field) => [field, subject === 'own' ? 'them' : 'another']));
  return decide(allow, asker, standingOf(standing, visibility), input, 0)?.code ?? 'ok';
};

/** With whose things an operation is tried. */
export const subjectsOf = ({ name, allow }: Operation): Subject[] => {
  const word = wordOf[name];
  const differs = word === undefined ? asksWhose(allow) && !operationCases[name]?.ofAll : dependsOnSubject(word);
  return differs ? ['own', 'other'] : ['other'];
};

export const expectedOf = (operation: Operation, standing: Standing, visibility: Visibility, subject: Subject): Outcome => {
  const word = wordOf[operation.name];
  return (
    operationCases[operation.name]?.but?.outcome(visibility, standing, subject) ??
    (word === undefined ? stated(operation, standing, visibility, subject) : expectedOutcome(word, standing, visibility, subject))
  );
};
