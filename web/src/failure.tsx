import { useCallback, useRef, useState } from 'preact/hooks';
import { Fault } from '../../src/client/index.js';

/** What went wrong, in words for the person at the page. */
export const wordsOf = (thrown: unknown): string => {
  const fault = Fault.from(thrown);
  const [first] = fault.errors ?? [];
  if (first) return `${first.path === '' ? '' : `${first.path.replaceAll('_', ' ')} `}${first.message}`;
  if (fault.code === 'timeout') return 'No answer in time. It may have worked all the same.';
  return fault.message;
};

/** An action that may fail: whether it runs, what went wrong last, and `run`, which does not start it twice at once. */
export const useAction = () => {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const running = useRef(false);
  const run = useCallback(async (action: () => Promise<unknown>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setFailure(null);
    try {
      await action();
      return true;
    } catch (thrown) {
      setFailure(wordsOf(thrown));
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);
  return { busy, failure, run };
};

export const Failure = ({ text }: { text: string | null }) =>
  text ? (
    <p class="failure" role="alert">
      {text}
    </p>
  ) : null;
