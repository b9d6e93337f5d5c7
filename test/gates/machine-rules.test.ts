import { fromPromise, setup } from 'xstate';
import { expect, test } from 'vitest';
import { hasGuardedWildcard, unhandledFailures } from '../fakes/machine-rules.ts';

const commit = fromPromise<void>(() => Promise.resolve());

test('a machine that does not handle the failure of what it invokes is rejected', () => {
  const careless = setup({ actors: { commit } }).createMachine({
    initial: 'opening',
    states: { opening: { initial: 'inner', states: { inner: { invoke: { id: 'barrier', src: 'commit' } } } } },
  });
  expect(unhandledFailures(careless)).toEqual(['barrier']);
});

test('a machine whose wildcard is missing or unguarded is rejected', () => {
  const silent = setup({}).createMachine({});
  const swallowing = setup({ actions: { emitIgnored: () => {} } }).createMachine({
    on: { '*': { actions: 'emitIgnored' } },
  });
  expect([silent, swallowing].map(hasGuardedWildcard)).toEqual([false, false]);
});
