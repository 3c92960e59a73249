import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { useInView } from './in-view.js';

interface QuestionProps {
  /** What would come of it. */
  children: ComponentChildren;
  /** What the two buttons say. */
  no: string;
  yes: string;
  busy: boolean;
  onNo: () => void;
  onYes: () => void;
}

/** Asks before something grave. The focus goes to the harmless answer, and back to where it was when it is given. */
export const Question = ({ children, no, yes, busy, onNo, onYes }: QuestionProps) => {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const harmless = useRef<HTMLButtonElement>(null);
  useInView(box, true);
  useEffect(() => {
    const before = document.activeElement;
    harmless.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: nothing is filled in here
    <div ref={box} class="dialog-foot" role="group" aria-labelledby={id}>
      <p id={id}>{children}</p>
      <button ref={harmless} type="button" class="button" disabled={busy} onClick={onNo}>
        {no}
      </button>
      <button type="button" class="button button-grave" disabled={busy} onClick={onYes}>
        {yes}
      </button>
    </div>
  );
};
