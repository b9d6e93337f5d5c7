/** What is known of a leg whose process is gone, and how it is ended when nobody waits for it any more. */
import type { AbandonedLeg, DialogState } from '#domain/signalling.ts';
import { dialogIdOf } from './inbound-leg.ts';
import type { ClaimAnswer, SipConnection } from './sip-connection.ts';

const UNAVAILABLE = 503;

/** Without a tag of the peer nothing was received: the INVITE is ours. */
export const isOutbound = ({ dialog, invite }: AbandonedLeg): boolean =>
  dialog ? dialog.type === 'uac' : invite.remoteTag === '';

export const abandonedDialogId = (abandoned: AbandonedLeg): string => {
  const { dialog, invite } = abandoned;
  if (dialog) return dialog.id;
  return isOutbound(abandoned) ? `${invite.sipCallId};from-tag=${invite.localTag}` : dialogIdOf(invite);
};

/** A dialog that was made so shortly before the loss that nothing of it was kept, from what the SIP server says of it. */
export const unkeptDialog = (abandoned: AbandonedLeg, localSdp: string): DialogState => {
  const { sipCallId: callId, localTag, remoteTag, remoteSdp } = abandoned.invite;
  return {
    id: abandonedDialogId(abandoned),
    type: isOutbound(abandoned) ? 'uac' : 'uas',
    sip: { callId, localTag, remoteTag },
    local: { uri: '', sdp: localSdp, contact: '' },
    remote: { uri: '', sdp: remoteSdp ?? '' },
    onHold: false,
  };
};

/** The call was given up before the SIP server could be asked: whoever is still there is not left in silence. */
export const endAbandoned = async (
  connection: SipConnection,
  abandoned: AbandonedLeg,
  answer: ClaimAnswer,
): Promise<void> => {
  const { invite } = abandoned;
  if (answer.type === 'alive') {
    await connection.send({ method: 'BYE', dialogId: abandonedDialogId(abandoned) }, () => undefined);
  } else if (answer.type !== 'unanswered') {
    return;
  } else if (isOutbound(abandoned)) {
    const { sipCallId: callId, localTag } = invite;
    const sent = connection.takeUpSent({ transactionId: answer.transactionId, callId, localTag }, () => undefined);
    await sent.cancel();
  } else await connection.takeUpInvite(invite).respond(UNAVAILABLE, { toTag: invite.localTag });
};
