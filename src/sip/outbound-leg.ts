/** The leg of a call that we place: INVITE, early media, answer or refusal, CANCEL, then the dialog. */
import type { NegotiatedMedia } from '#domain/media.ts';
import type { LocalMedia, OutgoingInvite, SignallingEvent } from '#domain/signalling.ts';
import { createDialog } from './dialog.ts';
import type { Dialog } from './dialog.ts';
import { endByStop, endOf } from './dialog-end.ts';
import { createDialogHold } from './dialog-hold.ts';
import type { EventQueue } from './event-queue.ts';
import type { LiveLeg } from './inbound-leg.ts';
import { createMediaSession } from './media-session.ts';
import { sendInvite } from './outbound-invite.ts';
import type { OutboundInvite } from './outbound-invite.ts';
import type { ReceivedRequest, ReceivedResponse, SipConnection } from './sip-connection.ts';
import { q850Of, sdpOf, tagOf, uriOf } from './sip-headers.ts';
import { SignallingError, signallingErrorOf } from './signalling-error.ts';

export type OutboundLegOptions = {
  invite: OutgoingInvite;
  local: LocalMedia;
  connection: SipConnection;
  events: EventQueue;
  contact: string | null;
  onUnsent: (error: unknown) => void;
  onDisposed: () => void;
};

type Refused = Extract<SignallingEvent, { type: 'callee.refused' }>;

const STACK_UNAVAILABLE = 503;
const CONNECTION_PATIENCE_MS = 10_000;

export const createOutboundLeg = (options: OutboundLegOptions): LiveLeg => {
  const { invite, connection, events } = options;
  const media = createMediaSession(options.local, undefined, invite.codecs);
  let dialog: Dialog | null = null;
  let inviting: Pick<OutboundInvite, 'sent' | 'settle'> | null = null;
  let isSettled = false;

  const read = (response: ReceivedResponse): NegotiatedMedia | null => {
    const sdp = sdpOf(response.header('content-type'), response.body);
    // A 2xx after a reliable 18x may leave out the answer that the 18x carried.
    return sdp === null ? media.media : media.readAnswer(sdp);
  };

  const onAnswered = (response: ReceivedResponse): void => {
    response.acknowledge();
    if (isSettled) return;
    isSettled = true;
    const settled = read(response);
    const opened = createDialog(
      {
        id: response.dialogId ?? dialogId,
        type: 'uac',
        callId: invite.sipCallId,
        localTag: invite.localTag,
        remoteTag: tagOf(response.header('to')) ?? '',
        remoteUri: uriOf(response.header('contact')) ?? invite.targetUri,
        localContact: options.contact ?? '',
      },
      media,
      { connection, tell: events.push, onUnsent: options.onUnsent },
    );
    dialog = opened;
    // The confirmation of the INVITE, which holds our Contact, always came before this response.
    void inviting?.sent.then(({ contact }) => {
      if (contact !== null) opened.setLocalContact(contact);
      events.push({ type: 'callee.answered', media: settled, dialog: opened.state });
    });
  };

  const onRefused = (
    status: number,
    reason: string,
    more: Pick<Refused, 'q850' | 'isInvented' | 'isUnknown'> = {},
  ): void => {
    if (isSettled) return;
    isSettled = true;
    inviting?.settle();
    events.push({ type: 'callee.refused', status, reason, ...more });
  };

  const onResponse = (response: ReceivedResponse): void => {
    if (response.status < 200) {
      if (response.header('rseq') !== null) response.acknowledge();
      if (isSettled || response.status === 100) return;
      events.push({ type: 'callee.ringing', earlyMedia: read(response) });
    } else if (response.status < 300) onAnswered(response);
    else {
      const q850 = q850Of(response.header('reason'));
      onRefused(response.status, response.reason, {
        ...(q850 === null ? {} : { q850 }),
        ...(response.isInvented ? { isInvented: true } : {}),
      });
    }
  };

  const unsent = (error: unknown) => {
    const { code, message } = signallingErrorOf(error);
    onRefused(STACK_UNAVAILABLE, message, code === 'unreachable' ? { isUnknown: true } : { isInvented: true });
  };

  const begin = (): void => {
    inviting = sendInvite({ invite, connection, contact: options.contact, sdp: media.offer() }, onResponse);
    inviting.sent.catch(unsent);
  };

  const dialogId = `${invite.sipCallId};from-tag=${invite.localTag}`;
  let patience: NodeJS.Timeout | null = null;
  const giveUp = () => onRefused(STACK_UNAVAILABLE, 'the SIP server connection was lost', { isUnknown: true });

  /** The connection was lost while it rang: whoever answers from now on is told over the new one. */
  const takeUp = (transactionId: string): void => {
    if (patience) clearTimeout(patience);
    const { sipCallId: callId, localTag } = invite;
    const sent = Promise.resolve(connection.takeUpSent({ transactionId, callId, localTag }, onResponse));
    inviting = { sent, settle: () => undefined };
  };
  const hold = createDialogHold({
    connection,
    dialogId,
    epoch: 0,
    answered: (answer) => {
      const end = endOf(answer);
      if (dialog && end) dialog.end(end);
      if (isSettled) return;
      if (answer.type === 'unanswered') takeUp(answer.transactionId);
      else giveUp();
    },
  });

  begin();
  const notOurs = async () => {
    throw new SignallingError('transactionGone', 'only an INVITE of the peer can be answered');
  };
  return {
    ring: notOurs,
    answer: notOurs,
    refuse: notOurs,
    cancel: async () => {
      if (isSettled || !inviting) throw new SignallingError('transactionGone', 'the INVITE has its final response');
      inviting.settle();
      await (await inviting.sent).cancel();
    },
    transfer: async (user) => {
      if (!dialog) throw new SignallingError('dialogGone', 'the call was not answered');
      dialog.transfer(user);
    },
    hold: async (isHeld) => {
      if (!dialog) throw new SignallingError('dialogGone', 'the call was not answered');
      await dialog.hold(isHeld);
    },
    hangUp: async ({ reason } = {}) => {
      if (!dialog) throw new SignallingError('dialogGone', 'the call was not answered');
      hold.release();
      return dialog.hangUp(reason ?? null);
    },
    handle: (received: ReceivedRequest) => {
      if (dialog) return dialog.handle(received);
      received.respond(481).catch(options.onUnsent);
    },
    connectionLost: () => {
      dialog?.connectionLost();
      if (isSettled) return;
      if (connection.canClaim) patience = setTimeout(giveUp, CONNECTION_PATIENCE_MS);
      else giveUp();
    },
    connectionBack: hold.take,
    stopped: (stop) => {
      if (hold.isProbing) dialog?.end(endByStop(stop));
    },
    [Symbol.dispose]: () => {
      hold.release();
      if (patience) clearTimeout(patience);
      events.close();
      options.onDisposed();
    },
  };
};
