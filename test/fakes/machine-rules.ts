/** What must hold of every machine, as functions, so that the gates can be shown to reject a machine that breaks it. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

export const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)];

/** Ids of invoked actors whose failure the machine does not handle: it would stop in status `error`. */
export const unhandledFailures = (machine: AnyStateMachine): string[] =>
  nodesOf(machine.root).flatMap((node) =>
    node.invoke.filter((invoked) => !node.transitions.has(`xstate.error.actor.${invoked.id}`)).map(({ id }) => id),
  );

/** True when `'*'` is guarded: unguarded it also takes the errors of crashed children and hides them. */
export const hasGuardedWildcard = (machine: AnyStateMachine): boolean => {
  const [wildcard] = machine.root.transitions.get('*') ?? [];
  return wildcard?.guard === 'isOwnEvent' && wildcard.actions.includes('emitIgnored');
};
