import { Fault } from '../kernel/errors.js';

/** A view of something that is kept live. */
export interface Following {
  readonly status: 'offline' | 'catching_up' | 'live' | 'gone';
  /** Why it is gone. */
  readonly fault: Fault | null;
  readonly isClosed: boolean;
  subscribe(listener: () => void): () => void;
}

/** Resolves once it is live, or rejects with the Fault that keeps it from ever being; with `closed` when nobody follows it any more. */
export const whenLive = (view: Following, closed: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      const { status } = view;
      if (status !== 'live' && status !== 'gone' && !view.isClosed) return;
      forget();
      if (status === 'live') resolve();
      else reject(view.fault ?? new Fault('unavailable', closed));
    };
    const forget = view.subscribe(look);
    look();
  });
