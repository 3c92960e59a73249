import { useEffect, useId, useState } from 'preact/hooks';
import type { CommunityView } from '../../src/client/index.js';
import type { Member } from '../../src/protocol/resources.js';
import { fold } from '../../src/text/folding.js';
import { Failure, useAction } from './failure.js';
import { Avatar, nameOf } from './person.js';

interface PeoplePickerProps {
  view: CommunityView;
  legend: string;
  /** Ids of those who are not to choose from. */
  without: ReadonlySet<string>;
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

/** While fewer than so many are found, more members are loaded, up to so many pages by themselves. */
const enough = 12;
const mostPages = 20;

const isCalled = ({ username, full_name }: Member, words: string): boolean => fold(`${full_name ?? ''} ${username}`).includes(words);

/** Members of a community to choose from by name. Those who are chosen stay in sight, whatever is looked for. */
export const PeoplePicker = ({ view, legend, without, chosen, onChange }: PeoplePickerProps) => {
  const id = useId();
  const { busy, failure, run } = useAction();
  const [query, setQuery] = useState('');
  const [pages, setPages] = useState(0);
  const { members, moreMembers } = view.state;
  const words = fold(query.trim());
  const people = [...members.values()].filter((one) => !one.is_banned && !without.has(one.member.id)).map(({ member }) => member);
  const found = people.filter((member) => isCalled(member, words));
  const shown = words === '' ? people : people.filter((member) => chosen.has(member.id) || isCalled(member, words));
  const isShort = words !== '' && moreMembers !== null && found.length < enough && pages < mostPages;
  useEffect(() => {
    if (!isShort || busy || failure) return;
    setPages((n) => n + 1);
    void run(() => view.moreMembers());
  }, [isShort, busy, failure, run, view]);

  const choose = (member: Member, isChosen: boolean): void => {
    const next = new Set(chosen);
    if (isChosen) next.add(member.id);
    else next.delete(member.id);
    onChange(next);
  };
  return (
    <fieldset class="picker">
      <legend>{legend}</legend>
      <label class="hidden" htmlFor={id}>
        Look for somebody
      </label>
      <input
        id={id}
        type="search"
        dir="auto"
        autocomplete="off"
        placeholder="Look for somebody"
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setPages(0);
        }}
        onKeyDown={(event) => {
          // It narrows the list as one types; the form is sent by its button.
          if (event.key === 'Enter') event.preventDefault();
        }}
      />
      <ul class="picker-list">
        {shown.map((member) => (
          <li key={member.id}>
            <label class="picker-row">
              <input type="checkbox" checked={chosen.has(member.id)} onChange={(event) => choose(member, event.currentTarget.checked)} />
              <Avatar id={member.id} name={nameOf(member)} />
              <span class="picker-name">
                <bdi>{nameOf(member)}</bdi> <span class="quiet">@{member.username}</span>
              </span>
            </label>
          </li>
        ))}
        {shown.length === 0 && !busy && <li class="quiet list-empty">{words === '' ? 'There is nobody else here.' : 'Nobody found.'}</li>}
      </ul>
      {moreMembers !== null && (
        <button type="button" class="text-button" disabled={busy} onClick={() => void run(() => view.moreMembers())}>
          More members
        </button>
      )}
      <Failure text={failure} />
      <p class="quiet picker-count" role="status">
        {chosen.size === 0 ? 'Nobody is chosen.' : chosen.size === 1 ? '1 person is chosen.' : `${chosen.size} people are chosen.`}
      </p>
    </fieldset>
  );
};
