import type { Member } from '../../src/protocol/resources.js';

export const nameOf = (member: Member | undefined): string => (member ? (member.full_name ?? member.username) : '…');

const initialsOf = (name: string): string => {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
};

/** One of eight colours, the same for the same id everywhere. */
const hueOf = (id: string): number => {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return sum % 8;
};

const presenceNames = { online: 'online', idle: 'away', dnd: 'do not disturb', offline: 'offline' } as const;
type State = Member['presence']['state'];

/** The small dot; its meaning is told in words to those who do not see it. */
export const PresenceDot = ({ state }: { state: State }) => (
  <span class={`presence presence-${state}`} role="img" aria-label={presenceNames[state]} title={presenceNames[state]} />
);

/** A round mark with initials. Pictures from elsewhere would tell that server who reads, so none are loaded. */
export const Avatar = ({ id, name, state, small = false }: { id: string; name: string; state?: State | undefined; small?: boolean }) => (
  <span class={`avatar hue-${hueOf(id)}${small ? ' avatar-small' : ''}`}>
    <span aria-hidden="true">{initialsOf(name)}</span>
    {state && <PresenceDot state={state} />}
  </span>
);

/** A community's mark: square, to tell it from people. */
export const CommunityMark = ({ id, name }: { id: string; name: string }) => (
  <span class={`avatar community-mark hue-${hueOf(id)}`} aria-hidden="true">
    {initialsOf(name)}
  </span>
);
