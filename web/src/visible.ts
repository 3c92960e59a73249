import { useEffect, useState } from 'preact/hooks';

/** Whether somebody can see the page: it is not in the background. */
export const useIsVisible = (): boolean => {
  const [isVisible, set] = useState(document.visibilityState === 'visible');
  useEffect(() => {
    const look = (): void => set(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isVisible;
};
