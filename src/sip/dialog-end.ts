/** What the end of a dialog means that we did not hear of in the dialog itself. Pure. */
import type { SignallingEvent } from '#domain/signalling.ts';
import type { ClaimAnswer } from './sip-connection.ts';

const BYE_OF_PEER = 'normal-release';
const CANCEL_OF_PEER = 'cancelled';
const ACK_TIMEOUT = /ack timeout/i;

/** Null: it is not over. */
export const endOf = (answer: ClaimAnswer): SignallingEvent | null => {
  if (answer.type === 'refused') return { type: 'dialog.gone', reason: answer.reason };
  if (answer.type !== 'ended') return null;
  const { reason, at } = answer;
  if (reason === BYE_OF_PEER) return { type: 'caller.hungUp', reason: null, at };
  if (reason === CANCEL_OF_PEER) return { type: 'caller.cancelled' };
  return ACK_TIMEOUT.test(reason) ? { type: 'dialog.ackTimedOut' } : { type: 'dialog.gone', reason };
};

/** By the `cdr:stop` of drachtio-server. */
export const endByStop = ({ isByPeer, reason }: { isByPeer: boolean; reason: string }): SignallingEvent =>
  isByPeer ? { type: 'caller.hungUp', reason: null } : { type: 'dialog.gone', reason };
