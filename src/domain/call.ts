/** Identity, outcome and vocabulary of a call. Pure. */

/** UUID v4; the same value is the row's `session_id`, the directory, the log field and the API id. */
export type CallId = string & { readonly __brand: 'CallId' };

export const CALL_ID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isCallId = (text: string): text is CallId => CALL_ID_PATTERN.test(text);

export type CallDirection = 'inbound' | 'outbound';

/** Whose call it is, and whom in the CRM it is with. Given when the call begins; afterwards the row has the word. */
export type CallLinks = { ownerId: number | null; leadId: number | null; campaignId: number | null };

export const NO_LINKS: CallLinks = { ownerId: null, leadId: null, campaignId: null };

/** What is kept with a call beside its columns; JSON. */
export type CallMetadata = Readonly<Record<string, unknown>>;

/** Why a call is over. Kept in the row; the CRM status follows from it and from `answeredAt`. */
export type HangupCause =
  | 'callerHungUp'
  | 'callerCancelled'
  | 'agentHungUp'
  | 'operatorHungUp'
  | 'shutdown'
  | 'transferred'
  | 'ackTimeout'
  | 'maxDuration'
  | 'inactivity'
  | 'answeringMachine'
  | 'mediaLost'
  | 'mediaRefused'
  | 'modelLost'
  | 'commitFailed'
  | 'busy'
  | 'rejected'
  | 'noAnswer'
  | 'invalidNumber'
  | 'trunkRefused'
  | 'trunkUnavailable'
  | 'blocked'
  | 'redirected'
  | 'fault';

/** CRM call status (the `status` column of `call_sessions`). */
export type CallStatus =
  | 'pending'
  | 'dialing'
  | 'ringing'
  | 'in_call'
  | 'answered'
  | 'rejected'
  | 'busy'
  | 'no_answer'
  | 'failed'
  | 'completed';

/** What the model wrote about the call through the `record_outcome` tool. */
export type RecordedOutcome = { result: string; notes: string | null };

/** Terminal CRM status of a call that is over: an answered call stays answered, whoever hung up. */
export const terminalStatus = (call: { answeredAt: number | null; cause: HangupCause | null }): CallStatus => {
  if (call.answeredAt !== null) return 'answered';
  switch (call.cause) {
    case 'busy':
      return 'busy';
    case 'rejected':
      return 'rejected';
    case 'callerCancelled':
    case 'callerHungUp':
    case 'noAnswer':
      return 'no_answer';
    default:
      return 'failed';
  }
};
