/** Shapes of calls in the API. */
import { Type, type Static } from 'typebox';
import { CALLEE_KINDS } from '#domain/callee.ts';
import { RECORDING_CHANNELS } from '#domain/records.ts';
import { CallIdText, nullable, Timestamp } from './common.schema.ts';

const CallStatusText = Type.Enum([
  'pending',
  'dialing',
  'ringing',
  'in_call',
  'answered',
  'rejected',
  'busy',
  'no_answer',
  'failed',
  'completed',
]);
const DirectionText = Type.Enum(['inbound', 'outbound']);
const TurnText = Type.Enum(['greeting', 'listening', 'callerSpeaking', 'thinking', 'agentSpeaking']);
const RecordingStateText = Type.Enum(['writing', 'finalising', 'published', 'repairing', 'failed']);
export const ChannelText = Type.Enum([...RECORDING_CHANNELS]);

const Count = Type.Integer({ minimum: 0 });

const Quality = Type.Object(
  {
    packetsReceived: Count,
    packetsSent: Count,
    packetsLost: Count,
    packetsLate: Count,
    packetsForeign: Count,
    packetsMalformed: Count,
    framesConcealed: Count,
    framesDecoded: Count,
    framesToModel: Count,
    jitterMs: Type.Number(),
    remoteLossFraction: nullable(Type.Number()),
    remoteJitterMs: nullable(Type.Number()),
    roundTripMs: nullable(Type.Number()),
    mos: Type.Number({ description: 'Estimate by the E-model, 1 to 4.5.' }),
  },
  { title: 'RtpQuality', description: 'RTP in both directions (RFC 3550).' },
);

export const LiveCallView = Type.Object(
  {
    callId: CallIdText,
    direction: DirectionText,
    leadId: nullable(Type.Integer()),
    trunkId: nullable(Type.Integer({ description: 'Where it came in or goes out, as far as that is known.' })),
    state: Type.String({ description: 'State of the call machine.', examples: ['talking'] }),
    turn: nullable(TurnText),
    isOnHold: Type.Boolean({ description: 'The other side has put us on hold.' }),
    held: Type.Boolean({ description: 'The other side is on hold, by us.' }),
    callerNumber: nullable(Type.String()),
    calledNumber: nullable(Type.String()),
    startedAt: Timestamp,
    answeredAt: nullable(Timestamp),
    quality: nullable(Quality),
    recording: nullable(RecordingStateText),
    modelState: nullable(Type.String({ description: 'State of the model session.' })),
    epoch: Type.Integer({ description: 'Counts the processes that have owned the call.' }),
  },
  { title: 'LiveCall' },
);

const summaryFields = {
  callId: CallIdText,
  direction: DirectionText,
  status: CallStatusText,
  callerNumber: nullable(Type.String()),
  calledNumber: nullable(Type.String()),
  startedAt: Timestamp,
  answeredAt: nullable(Timestamp),
  endedAt: nullable(Timestamp),
  durationSeconds: nullable(Type.Integer({ description: 'From the answer to the end; null until both are known.' })),
  cause: nullable(Type.String({ description: 'Why it is over.', examples: ['callerHungUp'] })),
};

export const CallSummary = Type.Object(
  {
    ...summaryFields,
    live: nullable(Type.Object({ state: Type.String(), turn: nullable(TurnText) })),
  },
  { title: 'CallSummary' },
);

const RecordingView = Type.Object(
  {
    state: RecordingStateText,
    durationMs: nullable(Type.Integer()),
    channels: Type.Array(ChannelText, { description: 'Files that can be fetched.' }),
    failureCode: nullable(Type.String({ examples: ['ENOSPC'] })),
  },
  { title: 'Recording' },
);

const LedgerView = Type.Object(
  {
    endedAt: Timestamp,
    leaked: Type.Array(Type.String(), { description: 'What had to be released by force; empty is clean.' }),
  },
  { title: 'Ledger', description: 'Resources of a call that ended less than a minute ago.' },
);

export const CallDetail = Type.Object(
  {
    ...summaryFields,
    sipCallId: nullable(Type.String()),
    causeDetail: nullable(Type.String()),
    answeredBy: nullable(
      Type.Enum([...CALLEE_KINDS], {
        description:
          'Who has answered a call that was placed. A screener is a phone that asks who calls. Null: not known.',
      }),
    ),
    outcome: nullable(Type.Object({ result: Type.String(), notes: nullable(Type.String()) })),
    recording: nullable(RecordingView),
    live: nullable(LiveCallView),
    ledger: nullable(LedgerView),
  },
  { title: 'CallDetail' },
);

const cursorText = Type.String({ maxLength: 200, description: '`nextCursor` of the page before.' });
const nextCursor = nullable(Type.String({ description: 'Null on the last page.' }));

export const CallListQuery = Type.Object(
  {
    status: Type.Optional(CallStatusText),
    direction: Type.Optional(DirectionText),
    number: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: "Equal to the caller's or the called number." }),
    ),
    startedFrom: Type.Optional(Type.String({ format: 'date-time', description: 'Inclusive.' })),
    startedBefore: Type.Optional(Type.String({ format: 'date-time', description: 'Exclusive.' })),
    cursor: Type.Optional(cursorText),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  },
  { additionalProperties: false },
);

export const CallPage = Type.Object({ calls: Type.Array(CallSummary), nextCursor }, { title: 'CallPage' });

export const TimelineQuery = Type.Object(
  { cursor: Type.Optional(cursorText), limit: Type.Integer({ minimum: 1, maximum: 1000, default: 200 }) },
  { additionalProperties: false },
);

export const Transition = Type.Object(
  {
    seq: Type.Integer(),
    at: Timestamp,
    epoch: Type.Integer(),
    machine: Type.String({ examples: ['call'] }),
    machineVersion: Type.Integer(),
    actorPath: Type.String({ examples: ['call/model'] }),
    incarnation: Type.Integer(),
    eventType: Type.String(),
    event: Type.Unknown({ description: 'The event as it was journalled.' }),
    fromState: nullable(Type.String()),
    toState: Type.String(),
    ignored: Type.Boolean({ description: 'No state wanted the event.' }),
  },
  { title: 'Transition' },
);

export const TimelinePage = Type.Object(
  { callId: CallIdText, transitions: Type.Array(Transition), nextCursor },
  { title: 'Timeline' },
);

const Segment = Type.Object(
  {
    index: Type.Integer(),
    speaker: Type.Enum(['agent', 'user']),
    text: Type.String(),
    startMs: Type.Number({ description: "On the recording's clock." }),
    endMs: Type.Number(),
    interrupted: Type.Boolean({ description: 'The speaker was cut off; the text holds what was heard.' }),
  },
  { title: 'TranscriptSegment' },
);

export const Transcript = Type.Object(
  {
    callId: CallIdText,
    complete: Type.Boolean({ description: 'False while the call is live: more may follow.' }),
    segments: Type.Array(Segment),
  },
  { title: 'Transcript' },
);

export const HangupAccepted = Type.Object(
  { callId: CallIdText, state: Type.String({ description: 'State of the call when the request came.' }) },
  { title: 'HangupAccepted' },
);

export type LiveCallJson = Static<typeof LiveCallView>;
export type CallSummaryJson = Static<typeof CallSummary>;
export type CallDetailJson = Static<typeof CallDetail>;
export type TransitionJson = Static<typeof Transition>;
