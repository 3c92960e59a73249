import { useRef } from 'preact/hooks';

/** What browsers call a key that an input method takes. */
const takenKeyCode = 229;

/** Whether a key that is pressed belongs to an input method, which composes text of several strokes and ends by Enter. */
export const isComposing = (event: Pick<KeyboardEvent, 'isComposing' | 'keyCode'>): boolean =>
  event.isComposing || event.keyCode === takenKeyCode;

/**
 * The same for a text box. Safari tells first that the composition has ended and then of the key that ended it, so that the key seems
 * to stand alone.
 */
export const useComposition = () => {
  const hasJustEnded = useRef(false);
  return {
    onCompositionEnd: (): void => {
      hasJustEnded.current = true;
      setTimeout(() => {
        hasJustEnded.current = false;
      });
    },
    isComposing: (event: KeyboardEvent): boolean => isComposing(event) || hasJustEnded.current,
  };
};
