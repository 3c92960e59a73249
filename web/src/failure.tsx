import { useCallback, useRef, useState } from 'preact/hooks';
import { type ErrorCode, Fault } from '../../src/client/index.js';
import { useInView } from './in-view.js';

/** What went wrong, in words for the person at the page. */
export const wordsOf = (thrown: unknown): string => {
  const fault = Fault.from(thrown);
  const [first] = fault.errors ?? [];
  if (first) return `${first.path === '' ? '' : `${first.path.replaceAll('_', ' ')} `}${first.message}`;
  if (fault.code === 'rate_limited' && fault.retry_after_ms !== undefined) return `${fault.message}. ${tryAgain(fault.retry_after_ms)}`;
  if (fault.code === 'timeout') return 'No answer in time. It may have worked all the same.';
  return fault.message;
};

const tryAgain = (ms: number): string => {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 120 ? `Try again in ${seconds} s.` : `Try again in ${Math.ceil(seconds / 60)} minutes.`;
};

/** An action that may fail: whether it runs, what went wrong last, and `run`, which does not start it twice at once. */
export const useAction = () => {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [code, setCode] = useState<ErrorCode | null>(null);
  const running = useRef(false);
  const run = useCallback(async (action: () => Promise<unknown>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setFailure(null);
    setCode(null);
    try {
      await action();
      return true;
    } catch (thrown) {
      setFailure(wordsOf(thrown));
      setCode(Fault.from(thrown).code);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { busy, failure, code, run };
};

export const Failure = ({ text }: { text: string | null }) => {
  const box = useRef<HTMLParagraphElement>(null);
  useInView(box, text !== null);
  return text ? (
    <p ref={box} class="failure" role="alert">
      {text}
    </p>
  ) : null;
};
