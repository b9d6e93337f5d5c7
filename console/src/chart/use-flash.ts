/** Something that has just happened, for as long as it takes to notice it. */
import { useEffect, useState } from 'react';

const FLASH_MS = 700;

/** `change` is another object or text for each time it happens. */
export const useFlash = <T>(change: T): T | null => {
  const [shown, setShown] = useState<T | null>(null);
  useEffect(() => {
    if (change === null) return undefined;
    setShown(change);
    const timer = setTimeout(() => setShown(null), FLASH_MS);
    return () => clearTimeout(timer);
  }, [change]);
  return shown;
};
