import {
  type AddPerson,
  type GetOverrides,
  type RemovePerson,
  type SetOverride,
  threadAddress,
} from '../../actors/domain/thread/messages.js';
import type { OverrideRecord } from '../../authority/overrides.js';
import type { Subject } from '../../authority/snapshot.js';
import { bind } from '../../catalogue/bound.js';
import type { Caller } from '../../catalogue/caller.js';
import type { FeaturePorts } from '../../catalogue/feature-ports.js';
import { Fault } from '../../kernel/errors.js';
import { toMember } from '../../store/resources.js';
import {
  addThreadMember,
  deleteOverride,
  listOverrides,
  listThreadMembers,
  type OverrideResource,
  removeThreadMember,
  setOverride,
} from './contract.js';

const overridesOf = ({ actors }: FeaturePorts, { member_id: by }: Caller, threadId: string): Promise<OverrideRecord[]> =>
  actors.ask<GetOverrides>(threadAddress(threadId), { type: 'get_overrides', by });

const shown = ({ subject, allow, deny }: OverrideRecord): OverrideResource => ({ subject, allow, deny }) as OverrideResource;

/** Whom overrides of their own let view. */
const peopleAmong = (overrides: readonly OverrideRecord[]): string[] =>
  overrides.flatMap(({ subject, allow }) =>
    subject.startsWith('member:') && allow.includes('view') ? [subject.slice('member:'.length)] : [],
  );

const set = async ({ actors }: FeaturePorts, by: string, threadId: string, override: OverrideRecord): Promise<OverrideRecord> => {
  await actors.ask<SetOverride>(threadAddress(threadId), { type: 'set_override', by, ...override });
  return override;
};

export const operations = [
  bind(listOverrides, async (caller, { thread_id }, { ports }) => ({
    items: (await overridesOf(ports, caller, thread_id)).map(shown),
    next_cursor: null,
  })),
  bind(setOverride, async (caller, { thread_id, subject, allow, deny }, { ports }) => {
    if (allow.some((name) => deny.includes(name))) {
      const errors = [{ path: 'deny', message: 'must not name what is allowed' }];
      throw new Fault('validation_failed', 'What is allowed cannot be denied as well', { errors });
    }
    return shown(await set(ports, caller.member_id, thread_id, { subject: subject as Subject, allow, deny }));
  }),
  bind(deleteOverride, async (caller, { thread_id, subject }, { ports }) => {
    await set(ports, caller.member_id, thread_id, { subject: subject as Subject, allow: [], deny: [] });
  }),
  bind(listThreadMembers, async (caller, { thread_id }, { ports }) => {
    const people = await ports.store.members.byIds(peopleAmong(await overridesOf(ports, caller, thread_id)));
    const now = ports.clock.now();
    const items = people.map((one) => toMember(one, now)).sort((a, b) => (a.username < b.username ? -1 : 1));
    return { items, next_cursor: null };
  }),
  bind(addThreadMember, async (caller, { thread_id, member_id }, { ports }) => {
    await ports.actors.ask<AddPerson>(threadAddress(thread_id), { type: 'add_person', by: caller.member_id, member_id });
  }),
  bind(removeThreadMember, async (caller, { thread_id, member_id }, { ports }) => {
    await ports.actors.ask<RemovePerson>(threadAddress(thread_id), { type: 'remove_person', by: caller.member_id, member_id });
  }),
] as const;
