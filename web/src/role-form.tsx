import { useEffect, useRef, useState } from 'preact/hooks';
import { type Permission, permissions } from '../../src/client/index.js';
import type { CommunityRole } from '../../src/protocol/resources.js';
import { Failure, useAction } from './failure.js';
import { longest } from './lengths.js';
import { LimitedField } from './limited-field.js';
import { useClient } from './live.js';
import { Question } from './question.js';
import { mayDelete, type Standing } from './standing.js';

const all = Object.entries(permissions) as [Permission, string][];
/** What every member can never hold. */
const neverOfEveryone: readonly Permission[] = ['administrator', 'manage_roles'];
const firstColour = '#2f6f5e';

interface RoleFormProps {
  communityId: string;
  /** As it is now, also while one changes it. */
  role: CommunityRole;
  standing: Standing;
  /** It is saved, deleted or left as it was: with words for it. */
  onDone: (words: string, isThere?: boolean) => void;
}

/** Changes one role. Only what one touched is sent, so that what others change meanwhile stays. */
export const RoleForm = ({ communityId, role, standing, onDone }: RoleFormProps) => {
  const client = useClient();
  const { busy, failure, run } = useAction();
  const [before] = useState(role);
  const [colour, setColour] = useState(role.color);
  const [touched, setTouched] = useState<ReadonlyMap<Permission, boolean>>(new Map());
  const [isAsking, setIsAsking] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const isEveryone = role.position === 0;
  const offered = isEveryone ? all.filter(([name]) => !neverOfEveryone.includes(name)) : all;
  const isHeld = (name: Permission): boolean => touched.get(name) ?? role.permissions.includes(name);
  const isFixed = (name: Permission): boolean => !standing.may(name) || (isEveryone && name === 'view');
  const place = { community_id: communityId, role_id: role.id };

  const save = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const name = String(form.get('name') ?? before.name).trim();
    const mentionable = form.get('mentionable') === 'on';
    void run(async () => {
      await client.operations.updateRole({
        ...place,
        ...(name !== before.name && { name }),
        ...(colour !== before.color && { color: colour }),
        ...(!isEveryone && mentionable !== before.mentionable && { mentionable }),
        ...(touched.size > 0 && { permissions: offered.flatMap(([one]) => (isHeld(one) ? [one] : [])) }),
      });
      onDone(`${name} is saved.`);
    });
  };
  const remove = (): void =>
    void run(async () => {
      await client.operations.deleteRole(place);
      onDone(`${role.name} is deleted.`, false);
    });
  return (
    <form onSubmit={save}>
      <h3 ref={heading} tabIndex={-1} dir="auto">
        {role.name}
      </h3>
      {!isEveryone && (
        <>
          <LimitedField label="Name" name="name" value={role.name} most={longest.roleName} required />
          <div class="role-colour">
            <label class="check">
              <input type="checkbox" checked={colour !== null} onChange={() => setColour(colour === null ? firstColour : null)} /> Has a
              colour
            </label>
            {colour !== null && (
              <input type="color" aria-label="Colour" value={colour} onInput={(event) => setColour(event.currentTarget.value)} />
            )}
          </div>
          <label class="check">
            <input type="checkbox" name="mentionable" defaultChecked={role.mentionable} /> Everybody may mention it
          </label>
        </>
      )}
      <fieldset class="permissions">
        <legend>{isEveryone ? 'Every member may' : 'Whoever holds it may'}</legend>
        {offered.map(([name, words]) => (
          <label key={name} class="check">
            <input
              type="checkbox"
              checked={isHeld(name)}
              disabled={isFixed(name)}
              onChange={(event) => setTouched(new Map(touched).set(name, event.currentTarget.checked))}
            />{' '}
            {words}
          </label>
        ))}
      </fieldset>
      {offered.some(([name]) => !standing.may(name)) && <p class="quiet">What you do not hold yourself you neither give nor take away.</p>}
      <Failure text={failure} />
      <div class="dialog-foot">
        <button type="submit" class="button button-main" disabled={busy}>
          Save
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => onDone('')}>
          Cancel
        </button>
        {!isEveryone && mayDelete(standing, role) && (
          <button type="button" class="button button-grave" disabled={busy} onClick={() => setIsAsking(true)}>
            Delete…
          </button>
        )}
      </div>
      {isAsking && (
        <Question no="Keep it" yes="Delete the role" busy={busy} onNo={() => setIsAsking(false)} onYes={remove}>
          Delete <bdi>{role.name}</bdi>? Whoever holds it loses what it lets them do.
        </Question>
      )}
    </form>
  );
};
