import type { ComponentChildren } from 'preact';
import { go, nowhere, type Place, pathOf } from './place.js';

interface LinkProps {
  to: Partial<Place>;
  class?: string;
  current?: boolean;
  label?: string;
  onFollow?: () => void;
  children: ComponentChildren;
}

/** A real link within the page: opens in a new tab when asked so, and moves without a reload otherwise. */
export const Link = ({ to, class: className, current, label, onFollow, children }: LinkProps) => (
  <a
    href={pathOf({ ...nowhere, ...to })}
    class={className}
    aria-current={current ? 'page' : undefined}
    aria-label={label}
    onClick={(event) => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      onFollow?.();
      go(to);
    }}
  >
    {children}
  </a>
);
