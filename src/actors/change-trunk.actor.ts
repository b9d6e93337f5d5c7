import { fromPromise } from 'xstate';
import type { CallId } from '#domain/call.ts';

export type ChangeTrunkDeps = { changeTrunk: (callId: CallId, trunkId: number) => Promise<boolean> };

/** Resolves with false when the trunk has no room, or is not there any more. */
export const createChangeTrunkActor = ({ changeTrunk }: ChangeTrunkDeps) =>
  fromPromise<boolean, { callId: CallId; trunkId: number }>(({ input }) => changeTrunk(input.callId, input.trunkId));
