import { createContext } from 'preact';
import { useContext, useEffect, useReducer, useState } from 'preact/hooks';
import type { CommunityView, ConnectionState, OwnCommunity, OwnNotifications, ParleyClient, ThreadView } from '../../src/client/index.js';

export const ClientContext = createContext<ParleyClient | null>(null);

export const useClient = (): ParleyClient => {
  const client = useContext(ClientContext);
  if (!client) throw new Error('There is no client here');
  return client;
};

interface Observable {
  subscribe(listener: () => void): () => void;
}

/** Changes within so long are drawn together. */
const frameMs = 16;

/** Draws again when the view tells of changes, at most once a frame. */
export const useLive = (view: Observable | null): void => {
  const [, draw] = useReducer((n: number, _: undefined) => n + 1, 0);
  useEffect(() => {
    if (!view) return undefined;
    let due: ReturnType<typeof setTimeout> | undefined;
    // Between drawing and now it may have changed already.
    draw(undefined);
    const forget = view.subscribe(() => {
      due ??= setTimeout(() => {
        due = undefined;
        draw(undefined);
      }, frameMs);
    });
    return () => {
      forget();
      clearTimeout(due);
    };
  }, [view]);
};

/** The live view of a community, while it is shown; `attempt` opens it anew. */
export const useCommunity = (id: string | null, attempt: number): CommunityView | null => {
  const client = useClient();
  const [view, setView] = useState<CommunityView | null>(null);
  useEffect(() => {
    if (!id) return undefined;
    setView(client.openCommunity(id));
    return () => client.closeCommunity(id);
  }, [client, id, attempt]);
  useLive(view);
  return view?.communityId === id ? view : null;
};

/** The live view of a thread, while it is shown. */
export const useThread = (id: string): ThreadView | null => {
  const client = useClient();
  const [view, setView] = useState<ThreadView | null>(null);
  useEffect(() => {
    setView(client.openThread(id));
    return () => client.closeThread(id);
  }, [client, id]);
  useLive(view);
  return view?.threadId === id ? view : null;
};

/** The communities to which one belongs; null until that is known. */
export const useOwnCommunities = (): readonly OwnCommunity[] | null => {
  const client = useClient();
  const [view, setView] = useState<ReturnType<typeof client.openOwnCommunities> | null>(null);
  useEffect(() => {
    setView(client.openOwnCommunities());
    return () => client.closeOwnCommunities();
  }, [client]);
  useLive(view);
  return view?.all ?? null;
};

/** One's notifications; null at first. */
export const useNotifications = (): OwnNotifications | null => {
  const client = useClient();
  const [view, setView] = useState<OwnNotifications | null>(null);
  useEffect(() => {
    setView(client.openNotifications());
    return () => client.closeNotifications();
  }, [client]);
  useLive(view);
  return view;
};

export const useConnection = (): ConnectionState => {
  const client = useClient();
  const [state, set] = useState(client.connection.state);
  useEffect(() => {
    set(client.connection.state);
    return client.connection.onState(set);
  }, [client]);
  return state;
};
