import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { CommunityView } from '../../src/client/index.js';
import type { CommunityRole, Member, Thread } from '../../src/protocol/resources.js';
import { Dialog } from './dialog.js';
import { Failure, useAction } from './failure.js';
import { useClient } from './live.js';
import { PeoplePicker } from './people-picker.js';
import { Avatar, nameOf } from './person.js';
import { Question } from './question.js';
import { standingIn } from './standing.js';

interface ThreadPeopleProps {
  thread: Thread;
  view: CommunityView;
  roles: readonly CommunityRole[];
  onClose: () => void;
  /** Goes out of the thread; rejects when that fails. */
  leave: () => Promise<void>;
}

/** Who was let into a closed thread by name and who sees it by a role; letting in, taking out, leaving. */
export const ThreadPeople = ({ thread, view, roles, onClose, leave }: ThreadPeopleProps) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const [people, setPeople] = useState<readonly Member[] | null>(null);
  const [byRole, setByRole] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [told, setTold] = useState('');
  const [isLeaving, setIsLeaving] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const { id: thread_id } = thread;
  const standing = standingIn(view.state.community, roles);
  const isAbove = standing.may('administrator');
  const mayChange = standing.may('manage_threads') || (standing.may('post') && thread.created_by === client.memberId);

  const load = useCallback(async () => {
    const [members, overrides] = await Promise.all([
      client.operations.listThreadMembers({ thread_id }),
      client.operations.listOverrides({ thread_id }),
    ]);
    setPeople(members.items);
    setByRole(overrides.items.flatMap(({ subject, allow }) => (allow.includes('view') ? [subject] : [])));
  }, [client, thread_id]);
  useEffect(() => {
    void run(load);
  }, [run, load]);

  const add = (): void => {
    setTold('');
    void run(async () => {
      for (const member_id of chosen) {
        await client.operations.addThreadMember({ thread_id, member_id });
        setChosen((now) => new Set([...now].filter((one) => one !== member_id)));
      }
      await load();
      setTold(chosen.size === 1 ? '1 person is let in.' : `${chosen.size} people are let in.`);
      heading.current?.focus();
    });
  };
  const remove = (member: Member): void => {
    setTold('');
    void run(async () => {
      await client.operations.removeThreadMember({ thread_id, member_id: member.id });
      await load();
      setTold(`${nameOf(member)} is taken out.`);
      heading.current?.focus();
    });
  };
  const seesByRole = roles.filter(({ id }) => byRole.includes(`role:${id}`));
  return (
    <Dialog title={`People in ${thread.title}`} onClose={onClose}>
      <p class="hidden" role="status">
        {told}
      </p>
      <h3 ref={heading} tabIndex={-1}>
        Let in by name
      </h3>
      <ul class="result-list">
        {people?.map((member) => {
          const isSelf = member.id === client.memberId;
          const name = nameOf(member);
          return (
            <li key={member.id} class="result member">
              <Avatar id={member.id} name={name} />
              <span class="result-text">
                <strong>
                  <bdi>{name}</bdi>
                </strong>
                <span class="quiet">
                  @{member.username}
                  {isSelf && ' · you'}
                </span>
              </span>
              {isSelf && !isAbove && (
                <button type="button" class="text-button" disabled={busy} onClick={() => setIsLeaving(true)}>
                  Leave…
                </button>
              )}
              {!isSelf && mayChange && (
                <button type="button" class="text-button" aria-label={`Take ${name} out`} disabled={busy} onClick={() => remove(member)}>
                  Take out
                </button>
              )}
            </li>
          );
        })}
        {people?.length === 0 && <li class="quiet list-empty">Nobody.</li>}
      </ul>
      {isLeaving && (
        <Question no="Stay" yes="Leave the thread" busy={busy} onNo={() => setIsLeaving(false)} onYes={() => void run(leave)}>
          You will not see this thread any more, unless somebody lets you in again.
        </Question>
      )}
      <p class="quiet">
        The owner of the community and its administrators see it too
        {seesByRole.length > 0 && (
          <>
            , and so does whoever holds{' '}
            {seesByRole.map(({ id, name }, i) => (
              <span key={id}>
                {i > 0 && ', '}
                <bdi>{name}</bdi>
              </span>
            ))}
          </>
        )}
        .
      </p>
      <Failure text={failure} />
      {mayChange && people && (
        <>
          <PeoplePicker
            view={view}
            legend="Let more people in"
            without={new Set(people.map(({ id }) => id))}
            chosen={chosen}
            onChange={setChosen}
          />
          <button type="button" class="button button-main" disabled={busy || chosen.size === 0} onClick={add}>
            Let in
          </button>
        </>
      )}
    </Dialog>
  );
};
