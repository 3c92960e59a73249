import type { Allow } from '../../src/authority/allow.js';
import { decide } from '../../src/authority/decide.js';
import type { Operation } from '../../src/catalogue/operation.js';
import { operationCases } from './operation-cases.js';
import { dependsOnSubject, type Outcome, type Standing, type Subject, saidByVersion1, standings } from './permission-table.js';
import type { Scene } from './scene.js';
import { wordOf } from './words-of-operations.js';

/** Fields that have to name whoever asks. */
const selfFields = (allow: Allow): string[] =>
  allow.who === 'self' ? [allow.field] : allow.who === 'any' ? allow.of.flatMap(selfFields) : [];

const asksWhose = (allow: Allow): boolean =>
  allow.who === 'self' || allow.who === 'author' || (allow.who === 'any' && allow.of.some(asksWhose));

/** Whether it is about one thread, which may be closed: it names one, or a message, or a place, which is one here. */
export const isOfThread = ({ input }: Pick<Operation, 'input'>): boolean =>
  ['thread_id', 'message_id', 'place'].some((field) => field in input.shape && !input.shape[field]?.safeParse(undefined).success);

/** What an operation's statement says of somebody as the scene has them: their roles, and the overrides of its threads. */
const stated = (operation: Operation, scene: Pick<Scene, 'snapshot'>, standing: Standing, subject: Subject): Outcome => {
  const { allow } = operation;
  const asker = standing === 'nobody' ? undefined : { member_id: 'them', is_admin: false, isAuthor: subject === 'own' };
  const input = Object.fromEntries(selfFields(allow).map((field) => [field, subject === 'own' ? 'them' : 'another']));
  return decide(allow, asker, scene.snapshot(standing, isOfThread(operation)), input, Date.now())?.code ?? 'ok';
};

/** With whose things an operation is tried. */
export const subjectsOf = ({ name, allow }: Operation): Subject[] => {
  const word = wordOf[name];
  const differs = (asksWhose(allow) && !operationCases[name]?.ofAll) || (word !== undefined && dependsOnSubject(word));
  return differs ? ['own', 'other'] : ['other'];
};

/** By what the operation states, but for what its case says. */
export const expectedOf = (
  operation: Operation,
  scene: Pick<Scene, 'snapshot' | 'visibility'>,
  standing: Standing,
  subject: Subject,
): Outcome =>
  operationCases[operation.name]?.but?.outcome(scene.visibility, standing, subject) ?? stated(operation, scene, standing, subject);

/** Where what an operation states of the scene's people is not what version 1's word says, but for what its case says; in words. */
export const disagreements = (operation: Operation, scene: Pick<Scene, 'snapshot' | 'visibility'>): string[] => {
  const word = wordOf[operation.name];
  if (word === undefined) return [];
  return standings.flatMap((standing) =>
    subjectsOf(operation).flatMap((subject) => {
      const said = saidByVersion1(word, standing, scene.visibility, subject);
      const but = operationCases[operation.name]?.but?.outcome(scene.visibility, standing, subject);
      const expected = expectedOf(operation, scene, standing, subject);
      if (said === undefined || expected === (but ?? said)) return [];
      return [`${operation.name}, ${scene.visibility}, ${standing}, ${subject}: ${expected}, and ${said} in version 1`];
    }),
  );
};
