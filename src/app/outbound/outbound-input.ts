/** What the machine of a call that we place begins with. */
import { ANSWERING_MACHINE_FIELD, isAnsweringMachinePolicy, type AnsweringMachinePolicy } from '#domain/callee.ts';
import type { CallId, CallLinks, CallMetadata } from '#domain/call.ts';
import type { OutgoingRoute } from '#domain/dial-plan.ts';
import { PlacementError, type PlacementFailure } from '#domain/placement.ts';
import type { IncomingInvite } from '#domain/signalling.ts';
import type { CallInput, CallLimits } from '#machines/call.types.ts';

export type OutboundCall = {
  callId: CallId;
  calledNumber: string;
  /** At least one; best first. */
  routes: readonly OutgoingRoute[];
  links: CallLinks;
  language: string | null;
  ringSeconds: number | null;
  maxSeconds: number | null;
  /** Where the first route leads. */
  source: IncomingInvite['source'];
  metadata: CallMetadata;
};

export type OutboundDefaults = {
  limits: CallLimits;
  language: string;
  answeringMachine: AnsweringMachinePolicy;
  now: () => number;
};

const FIRST_EPOCH = 1;

const limitsOf = ({ ringSeconds, maxSeconds }: OutboundCall, limits: CallLimits): CallLimits => ({
  ...limits,
  ...(ringSeconds === null ? {} : { ringMs: ringSeconds * 1_000 }),
  ...(maxSeconds === null
    ? {}
    : { maxDurationMs: maxSeconds * 1_000, warningMs: Math.min(limits.warningMs, maxSeconds * 100) }),
});

export const outboundInput = (call: OutboundCall, { limits, language, now, ...deps }: OutboundDefaults): CallInput => {
  const { callId, calledNumber, routes, links, source, metadata } = call;
  const wanted = metadata[ANSWERING_MACHINE_FIELD];
  const [first] = routes;
  return {
    callId,
    direction: 'outbound',
    epoch: FIRST_EPOCH,
    startedAt: now(),
    links,
    language: call.language ?? language,
    answeringMachine: isAnsweringMachinePolicy(wanted) ? wanted : deps.answeringMachine,
    limits: limitsOf(call, limits),
    routes,
    invite: {
      transactionId: '',
      sipCallId: first?.sipCallId ?? '',
      localTag: first?.localTag ?? '',
      remoteTag: '',
      callerNumber: first?.callerNumber ?? null,
      calledNumber,
      source,
      remoteSdp: null,
    },
  };
};

const TEXTS: Partial<Record<PlacementFailure, string>> = {
  capacity: 'As many calls as this application takes are live; try again when one has ended.',
  unavailable: 'The call cannot be written down now, so it is not placed.',
  notReady: 'The call could not be begun; try again.',
};

export const notPlaced = (code: 'capacity' | 'unavailable' | 'notReady'): PlacementError =>
  new PlacementError(code, TEXTS[code] ?? code);
