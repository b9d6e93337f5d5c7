import { expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import type { CallPart } from '#persistence/journal-batch.ts';
import { mergeBatches } from '#persistence/merge-batches.ts';

const part = (callId: string, seqs: number[], overrides: Partial<CallPart> = {}): CallPart => ({
  callId: callId as CallId,
  isNew: false,
  epoch: 1,
  seq: seqs.at(-1) ?? 0,
  nodeId: 'n',
  machineVersion: 1,
  state: `state-${seqs.at(-1)}`,
  context: null,
  row: null,
  entries: seqs.map((seq) => ({ seq, json: `${seq}` })),
  incarnations: {},
  ...overrides,
});

it('joins the parts of each call: all entries in order, the last state, the last context and row there is', () => {
  const merged = mergeBatches([
    [part('a', [1, 2], { context: '"old"', row: '"row"' }), part('b', [7])],
    [part('a', [3], { context: '"new"' })],
    [part('a', [4])],
  ]);
  expect(merged).toEqual([part('a', [1, 2, 3, 4], { context: '"new"', row: '"row"' }), part('b', [7])]);
});
