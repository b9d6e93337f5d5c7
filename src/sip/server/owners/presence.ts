import type { Clock, TimerHandle } from '#sip/server/clock.ts';
import type { AppConnection } from '#sip/server/control/app-connection.ts';

/** An application that says nothing for so long while something waits for its answer is as good as gone. */
export const SILENCE_MS = 1000;

export type Presence = {
  /** Something came over the connection. True when it was silent before. */
  heard(connection: AppConnection): boolean;
  gone(connection: AppConnection): void;
  isAbsent(connection: AppConnection | null): boolean;
  /** Calls `silent` when nothing at all is heard for `SILENCE_MS` from now. */
  watch(connection: AppConnection, silent: () => void): TimerHandle;
};

/** Tells applications that work from those that are gone or frozen, by what they send. */
export function createPresence(clock: Clock): Presence {
  const commands = new WeakMap<AppConnection, number>();
  const silent = new Set<AppConnection>();
  const count = (connection: AppConnection): number => commands.get(connection) ?? 0;
  return {
    heard(connection) {
      commands.set(connection, count(connection) + 1);
      return silent.delete(connection);
    },
    gone: (connection) => void silent.delete(connection),
    isAbsent: (connection) => connection === null || !connection.isOpen() || silent.has(connection),
    watch(connection, tell) {
      const before = count(connection);
      return clock.after(SILENCE_MS, () => {
        if (count(connection) !== before || !connection.isOpen()) return;
        silent.add(connection);
        tell();
      });
    },
  };
}
