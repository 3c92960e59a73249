import { useState } from 'preact/hooks';
import type { ThreadView } from '../../src/client/index.js';
import type { Message } from '../../src/protocol/resources.js';
import { grownDown, grownUp, type MessageWindow, newest } from './message-window.js';

/** What is looked at: the newest messages, or an excerpt from further up. */
export const shownOf = ({ state }: ThreadView): { messages: readonly Message[]; hasOlder: boolean } => state.excerpt ?? state;

/** Messages that could not be loaded: above what is drawn or below it. */
export interface Failed {
  isAbove: boolean;
  retry: () => void;
}

/** Which of a thread's messages are drawn, and how more of them are loaded. */
export const useShown = (view: ThreadView) => {
  const { messages, hasOlder } = shownOf(view);
  const [window, setWindow] = useState<MessageWindow>(newest);
  const [failed, setFailed] = useState<Failed | null>(null);

  const load = (isAbove: boolean): void => {
    setFailed(null);
    const grown = isAbove ? grownUp : grownDown;
    (isAbove ? view.loadOlder() : view.loadNewer()).then(
      () => setWindow((now) => grown(shownOf(view).messages, now) ?? now),
      () => setFailed({ isAbove, retry: () => load(isAbove) }),
    );
  };
  const up = (): boolean => {
    const grown = grownUp(messages, window);
    if (grown) setWindow(grown);
    else if (hasOlder && !failed) load(true);
    return grown !== null || hasOlder;
  };
  const down = (): void => {
    const grown = grownDown(messages, window);
    if (grown) setWindow(grown);
    else if (view.state.excerpt && !failed) load(false);
  };
  return { window, setWindow, failed, setFailed, up, down };
};
