import { useEffect, useId, useState } from 'preact/hooks';
import type { CommunityRole, Membership } from '../../src/protocol/resources.js';
import { Failure, useAction } from './failure.js';
import { useClient } from './live.js';
import { Avatar, nameOf } from './person.js';
import { RoleName } from './role-mark.js';
import { mayGive, type Standing } from './standing.js';

interface MemberRowProps {
  communityId: string;
  membership: Membership;
  /** The highest first, everyone last. */
  roles: readonly CommunityRole[];
  standing: Standing;
  /** Undefined: ownership is not oneself's to hand over, or not to them. */
  onHandOver: (() => void) | undefined;
}

/** One member: name, roles, and what one may do about those. */
export const MemberRow = ({ communityId, membership, roles, standing, onHandOver }: MemberRowProps) => {
  const client = useClient();
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const { member } = membership;
  const name = nameOf(member);
  const held = roles.filter((role) => membership.roles.includes(role.id));
  const givable = roles.filter((role) => mayGive(standing, membership, member.id === client.memberId, role, roles));
  return (
    <li class="result member">
      <Avatar id={member.id} name={name} state={member.presence.state} />
      <span class="result-text">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <span class="quiet">
          @{member.username}
          {membership.role === 'owner' && ' · owner'}
          {member.presence.text && (
            <>
              {' · '}
              <bdi>{member.presence.text}</bdi>
            </>
          )}
        </span>
        {held.length > 0 && (
          <span class="member-roles quiet">
            {held.map((role) => (
              <RoleName key={role.id} role={role} />
            ))}
          </span>
        )}
      </span>
      {(givable.length > 0 || onHandOver) && (
        <span class="member-acts">
          {givable.length > 0 && (
            <button
              type="button"
              class="text-button"
              aria-label={`Roles of ${name}`}
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setIsOpen(!isOpen)}
            >
              Roles
            </button>
          )}
          {onHandOver && (
            <button type="button" class="text-button" aria-label={`Hand over ownership to ${name}…`} onClick={onHandOver}>
              Hand over ownership…
            </button>
          )}
        </span>
      )}
      <div id={id} class="member-giving" hidden={!isOpen || givable.length === 0}>
        {isOpen && <Giving communityId={communityId} membership={membership} roles={givable} />}
      </div>
    </li>
  );
};

/** Gives and takes roles as they are ticked. */
const Giving = ({
  communityId,
  membership: { member, roles: held },
  roles,
}: Pick<MemberRowProps, 'communityId' | 'membership' | 'roles'>) => {
  const client = useClient();
  const { failure, run } = useAction();
  /** What was ticked and is not told of yet. */
  const [wanted, setWanted] = useState<ReadonlyMap<string, boolean>>(new Map());
  useEffect(() => setWanted((now) => new Map([...now].filter(([id, isGiven]) => held.includes(id) !== isGiven))), [held]);
  const set = (role_id: string, isGiven: boolean): void => {
    const place = { community_id: communityId, member_id: member.id, role_id };
    setWanted((now) => new Map(now).set(role_id, isGiven));
    void run(() => (isGiven ? client.operations.giveRole(place) : client.operations.takeRole(place))).then((worked) => {
      if (!worked) setWanted((now) => new Map([...now].filter(([id]) => id !== role_id)));
    });
  };
  return (
    <fieldset class="permissions">
      <legend class="hidden">Roles of {nameOf(member)}</legend>
      {roles.map((role) => (
        <label key={role.id} class="check">
          <input
            type="checkbox"
            checked={wanted.get(role.id) ?? held.includes(role.id)}
            onChange={(event) => set(role.id, event.currentTarget.checked)}
          />{' '}
          <RoleName role={role} />
        </label>
      ))}
      <Failure text={failure} />
    </fieldset>
  );
};
