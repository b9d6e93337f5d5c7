/** Delivers what a leg tells in order, and holds it back while its owner cannot use it yet. */
import type { SignallingEvent } from '#domain/signalling.ts';

export type EventQueue = {
  push(event: SignallingEvent): void;
  /** From now on events go to `tell`, those that waited first. */
  attach(tell: (event: SignallingEvent) => void): void;
  /** Hold events back until the returned function is called. */
  hold(): () => void;
  /** Nothing is delivered any more. */
  close(): void;
};

export const createEventQueue = (onFault: (error: unknown) => void): EventQueue => {
  const waiting: SignallingEvent[] = [];
  let listener: ((event: SignallingEvent) => void) | null = null;
  let holds = 0;
  let isClosed = false;

  const flush = () => {
    while (listener && holds === 0 && !isClosed) {
      const event = waiting.shift();
      if (!event) return;
      try {
        listener(event);
      } catch (error) {
        onFault(error);
      }
    }
  };
  return {
    push(event) {
      if (isClosed) return;
      waiting.push(event);
      flush();
    },
    attach(tell) {
      listener = tell;
      flush();
    },
    hold() {
      holds += 1;
      return () => {
        holds -= 1;
        flush();
      };
    },
    close() {
      isClosed = true;
      waiting.length = 0;
    },
  };
};
