import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Scrolls what has just appeared into view, as far as needed: what one is asked or told must be seen. */
export const useInView = (ref: RefObject<HTMLElement | null>, isThere: boolean): void => {
  useLayoutEffect(() => {
    if (isThere) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [isThere]);
};
