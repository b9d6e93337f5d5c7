/** Something a person asks for: busy while it goes on, then what came of it in a sentence. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

export type Said = { kind: 'good' | 'error'; text: string };

export type Action = {
  isBusy: boolean;
  said: Said | null;
  /** Never rejects. What was read under `queryKey` is read again when it has gone well. */
  run: (act: () => Promise<unknown>, done: string) => void;
};

export const useAction = (queryKey: string): Action => {
  const queries = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);
  const run: Action['run'] = (act, done) => {
    setBusy(true);
    setSaid(null);
    act()
      .then(() => setSaid({ kind: 'good', text: done }))
      .then(() => queries.invalidateQueries({ queryKey: [queryKey] }))
      .catch((error: unknown) =>
        setSaid({ kind: 'error', text: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => setBusy(false));
  };
  return { isBusy, said, run };
};
