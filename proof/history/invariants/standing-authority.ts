import type { AuthorityPlace } from '../authority/place.js';
import { sayOf, textOf } from '../authority/place.js';
import type { Register } from '../authority/register.js';
import type { Findings } from '../findings.js';
import type { Authority, Final } from '../history.js';

/** 17: what was acknowledged of roles, owners, members and people stands in the store, but for what was called since. */
export const standing = (places: ReadonlyMap<string, AuthorityPlace>, final: Final, findings: Findings): void => {
  for (const stored of final.authority ?? []) {
    const place = places.get(stored.community);
    if (place) compare(place, stored, findings);
  }
};

const compare = (place: AuthorityPlace, stored: Authority, findings: Findings): void => {
  const look = <V>(what: string, register: Register<V>, is: V): void => {
    const may = register.values;
    if (!may.includes(is))
      findings.violate(17, `${what} in ${place.id}: ${String(is)} is stored, ${may.map(String).join(' or ')} is known`);
  };
  look('the owner', place.owner, stored.owner);
  const roles = stored.roles.map(({ id }) => id).filter((id) => id !== place.id);
  look('the order of roles', place.order, roles.join(' '));
  for (const { id, permissions } of stored.roles) look(`what role ${id} grants`, place.grants(id), textOf(permissions));
  for (const { id, isMember, roles: held } of stored.members) {
    look(`whether ${id} is a member`, place.member(id), isMember);
    for (const role of roles) look(`whether ${id} holds ${role}`, place.holds(id, role), held.includes(role));
  }
  for (const { id, overrides } of stored.threads) {
    // One of which nobody was told, since its beginning was not acknowledged.
    if (!place.threads.has(id)) continue;
    const subjects = new Set([...overrides.map(({ subject }) => subject), ...stored.members.map((member) => `member:${member.id}`)]);
    for (const subject of [...subjects, `role:${place.id}`, ...roles.map((role) => `role:${role}`)]) {
      look(
        `what thread ${id} says of ${subject}`,
        place.says(id, subject),
        sayOf(overrides.find((override) => override.subject === subject)),
      );
    }
  }
};
