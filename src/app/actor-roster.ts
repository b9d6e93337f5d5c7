/** The root actors that run in this process, for whoever wants to look at them. */
import type { AnyActorRef } from 'xstate';

export type ActorRoster = {
  /** From now on until it ends; call it before the actor starts. */
  enter(root: AnyActorRef): void;
  list(): readonly AnyActorRef[];
  /** Told of every root that enters; must not throw. */
  onEntered(listener: (root: AnyActorRef) => void): Disposable;
};

export const createActorRoster = (): ActorRoster => {
  const roots = new Set<AnyActorRef>();
  const listeners = new Set<(root: AnyActorRef) => void>();
  return {
    enter: (root) => {
      roots.add(root);
      const leave = () => void roots.delete(root);
      root.subscribe({ complete: leave, error: leave });
      for (const listener of listeners) listener(root);
    },
    list: () => [...roots],
    onEntered: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
};
