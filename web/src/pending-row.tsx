import type { PendingSend } from '../../src/client/index.js';
import { wordsOf } from './failure.js';
import { nobody } from './mentioned.js';
import type { MessageActions } from './message-row.js';
import { RichText } from './rich-text.js';

/** One's own message that the thread does not have yet: on its way, or failed with a way to try again. */
export const PendingRow = ({ send, actions }: { send: PendingSend; actions: MessageActions }) => (
  <article class={`message message-compact message-pending${send.fault ? ' message-failed' : ''}`} aria-label="Your message, not sent yet">
    <span class="message-time quiet" aria-hidden="true">
      {send.fault ? '!' : '…'}
    </span>
    <div class="message-body">
      <RichText content={send.content} mentioned={nobody} />
      {send.fault ? (
        <p class="message-question" role="alert">
          Not sent: {wordsOf(send.fault)}{' '}
          <button type="button" class="text-button" onClick={() => actions.retry(send.nonce)}>
            Try again
          </button>{' '}
          <button type="button" class="text-button" onClick={() => actions.discard(send.nonce)}>
            Discard
          </button>
        </p>
      ) : (
        <small class="quiet">Sending…</small>
      )}
    </div>
  </article>
);
