/** What the records of a spool tell about its calls. Pure. */
import type { CallId } from '#domain/call.ts';
import type { ClaimedCall } from '#domain/ownership.ts';
import type { CallPart } from './journal-batch.ts';
import type { Adoption, SpoolRecord } from './spool-format.ts';

type Spooled = Pick<CallPart, 'nodeId' | 'epoch' | 'seq' | 'machineVersion' | 'state' | 'context' | 'incarnations'>;

export type SpooledCalls = Map<CallId, Spooled>;

export const callIdsOf = (record: SpoolRecord): CallId[] =>
  (record.kind === 'parts' ? record.parts : record.calls).map(({ callId }) => callId);

/** To be told of every record, oldest first. */
export const noteRecord = (calls: SpooledCalls, record: SpoolRecord): void => {
  if (record.kind === 'parts') {
    for (const part of record.parts) {
      calls.set(part.callId, { ...part, context: part.context ?? calls.get(part.callId)?.context ?? null });
    }
    return;
  }
  for (const { callId, to } of record.calls) {
    const call = calls.get(callId);
    if (call) calls.set(callId, { ...call, nodeId: record.nodeId, epoch: to });
  }
};

/** The live ones, each with the epoch that its next owner has, and what has to be said in Postgres of its take-over. */
export const claimSpooled = (calls: SpooledCalls): { call: ClaimedCall; adoption: Adoption }[] =>
  [...calls]
    .filter(([, { state, context }]) => state !== 'ended' && context !== null)
    .map(([callId, { nodeId, epoch, seq, machineVersion, state, context, incarnations }]) => ({
      call: {
        callId,
        epoch: epoch + 1,
        seq,
        machineVersion,
        state,
        context: JSON.parse(context ?? 'null') as unknown,
        incarnations,
      },
      adoption: { callId, nodeId, from: epoch, to: epoch + 1 },
    }));
