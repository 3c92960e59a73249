/** The plain WebSocket door: `/ws`, or `/ws/{member_id}` for who wants to be sure whose connection it becomes. */
const address = /^\/ws(?:\/([0-9a-f]{24}))?$/;

/** What a request's target asks for. */
export interface Asked {
  /** Whose the token has to be. */
  memberId: string | undefined;
  /** Absent: the first frame brings it. */
  token: string | undefined;
}

/** Whether a target is at this door, also when it is none of its addresses. */
export const isAtWebSocketDoor = (target: string | undefined): boolean => target !== undefined && /^\/ws(?:[/?]|$)/.test(target);

/** Undefined: there is nothing at this address, or it brings more than one token. */
export const readTarget = (target: string): Asked | undefined => {
  const found = address.exec(target.split('?', 1)[0]!);
  const tokens = new URLSearchParams(target.slice(target.indexOf('?') + 1 || target.length)).getAll('token');
  if (!found || tokens.length > 1) return undefined;
  return { memberId: found[1], token: tokens[0] };
};
