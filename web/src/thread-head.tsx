import type { ComponentChildren } from 'preact';
import { Icon } from './icon.js';
import { Link } from './link.js';

interface ThreadHeadProps {
  community: string | null;
  title: string;
  isClosed?: boolean | undefined;
  children?: ComponentChildren;
}

/** The line above a thread: the way back, its title, and what can be done with it. */
export const ThreadHead = ({ community, title, isClosed = false, children }: ThreadHeadProps) => (
  <header class="column-head">
    <Link to={{ community }} class="back" label="Back to threads">
      <Icon name="back" />
    </Link>
    {isClosed && (
      <span class="locked" role="img" aria-label="private" title="Only some people see this thread">
        <Icon name="lock" />
      </span>
    )}
    <h2 class="column-title" dir="auto">
      {title}
    </h2>
    <div class="column-actions">{children}</div>
  </header>
);
