import { useEffect, useState } from 'preact/hooks';
import { webDrafts } from '../../src/client/index.js';
import { useClient } from './live.js';

/** Keeps what one is writing, wherever that is, while the page is open. */
export const useDrafts = (): void => {
  const client = useClient();
  useEffect(() => {
    client.openDrafts();
    return () => client.closeDrafts();
  }, [client]);
};

/** What one is writing in a thread, and how to write on. Another device's words come too, while one's own are saved. */
export const useDraft = (threadId: string): [text: string, write: (text: string) => void] => {
  const client = useClient();
  const place = `thread:${threadId}`;
  const [drafts] = useState(() => client.openDrafts());
  const [text, setText] = useState(drafts.read(place));
  useEffect(() => {
    const look = (): void => setText(drafts.read(place));
    look();
    return drafts.subscribe(look);
  }, [drafts, place]);
  useEffect(() => () => client.closeDrafts(), [client]);
  const write = (next: string): void => {
    setText(next);
    drafts.write(place, next);
  };
  return [text, write];
};

/** A member signs out: nothing of theirs stays here. What their other devices have of it stays there. */
export const forgetDrafts = (memberId: string): void => {
  const store = webDrafts(localStorage)(memberId);
  for (const place of store.read().keys()) store.write(place, null);
};
