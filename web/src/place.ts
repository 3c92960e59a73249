import { useEffect, useState } from 'preact/hooks';

/** Where one is in the page; the URL says it, so that a reload or a link leads back. */
export interface Place {
  community: string | null;
  thread: string | null;
  /** A message's seq to show, in the thread. */
  message: number | null;
}

export const nowhere: Place = { community: null, thread: null, message: null };

/** `/`, `/c/:community` and `/c/:community/t/:thread?m=:seq`; anything else is nowhere. */
export const placeOf = (url: { pathname: string; search: string }): Place => {
  const match = /^\/c\/([0-9a-f]{24})(?:\/t\/([0-9a-f]{24}))?\/?$/.exec(url.pathname);
  const seq = Number(new URLSearchParams(url.search).get('m'));
  return {
    community: match?.[1] ?? null,
    thread: match?.[2] ?? null,
    message: match?.[2] && Number.isSafeInteger(seq) && seq > 0 ? seq : null,
  };
};

/** The code of the invite at `/invites/:code`, in the letters that the server takes there; null anywhere else. */
export const inviteOf = ({ pathname }: { pathname: string }): string | null =>
  /^\/invites\/([A-Za-z0-9_-]{1,64})$/.exec(pathname)?.[1] ?? null;

export const pathOf = ({ community, thread, message }: Place): string => {
  if (!community) return '/';
  if (!thread) return `/c/${community}`;
  return `/c/${community}/t/${thread}${message ? `?m=${message}` : ''}`;
};

const moved = new EventTarget();

/** Goes somewhere. Going where one is already still counts, so that the same link can show its message again. */
export const go = (place: Partial<Place>, { replace = false } = {}): void => {
  const path = pathOf({ ...nowhere, ...place });
  if (replace || path === location.pathname + location.search) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  moved.dispatchEvent(new Event('move'));
};

/** What the present address says, read at each move. */
const useAddress = <T>(read: (url: Location) => T): T => {
  const [said, set] = useState(() => read(location));
  useEffect(() => {
    const look = (): void => set(() => read(location));
    moved.addEventListener('move', look);
    addEventListener('popstate', look);
    return () => {
      moved.removeEventListener('move', look);
      removeEventListener('popstate', look);
    };
  }, [read]);
  return said;
};

/** The present place; a new object at each move. */
export const usePlace = (): Place => useAddress(placeOf);

/** The code of the invite that is looked at, or null. */
export const useInvite = (): string | null => useAddress(inviteOf);
