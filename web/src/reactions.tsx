import { useEffect, useRef } from 'preact/hooks';
import type { LiveMessage } from '../../src/protocol/resources.js';
import { useInView } from './in-view.js';

const offered = ['👍', '❤️', '😂', '🎉', '👀', '😮', '😢', '✅'];

interface ReactionsProps {
  reactions: LiveMessage['reactions'];
  tabIndex: number;
  onToggle: (emoji: string, on: boolean) => void;
}

/** A message's reactions with their counts; one's own are pressed. */
export const Reactions = ({ reactions, tabIndex, onToggle }: ReactionsProps) =>
  reactions.length === 0 ? null : (
    <div class="reactions">
      {reactions.map(({ emoji, count, me }) => (
        <button
          key={emoji}
          type="button"
          class="reaction"
          tabIndex={tabIndex}
          aria-pressed={me}
          aria-label={`${emoji}, ${count}`}
          onClick={() => onToggle(emoji, !me)}
        >
          <span aria-hidden="true">
            {emoji} {count}
          </span>
        </button>
      ))}
    </div>
  );

/** A few reactions to choose from. */
export const ReactionPicker = ({ onPick, onClose }: { onPick: (emoji: string) => void; onClose: () => void }) => {
  const box = useRef<HTMLDivElement>(null);
  useInView(box, true);
  useEffect(() => {
    const opener = document.activeElement;
    box.current?.querySelector('button')?.focus();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a frame and a legend
    <div
      ref={box}
      class="reactions reaction-picker"
      role="group"
      aria-label="Choose a reaction"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
      onFocusOut={(event) => {
        if (!(event.relatedTarget instanceof Node && box.current?.contains(event.relatedTarget))) onClose();
      }}
    >
      {offered.map((emoji) => (
        <button
          key={emoji}
          type="button"
          class="reaction"
          aria-label={emoji}
          onClick={() => {
            onPick(emoji);
            onClose();
          }}
        >
          {emoji}
        </button>
      ))}
    </div>
  );
};
