/** The leg of a call that came in: answers the INVITE, then lives in its dialog. */
import type { Answered, IncomingInvite, LocalMedia, SignallingLeg } from '#domain/signalling.ts';
import { createDialog } from './dialog.ts';
import type { Dialog } from './dialog.ts';
import type { EventQueue } from './event-queue.ts';
import { createDialogHold } from './dialog-hold.ts';
import { endByStop, endOf } from './dialog-end.ts';
import { createMediaSession } from './media-session.ts';
import type { MediaSession } from './media-session.ts';
import type { ReceivedRequest, ResponseParts, SentResponse, SipConnection } from './sip-connection.ts';
import { ALLOW, SDP_TYPE, reasonTextOf, uriOf } from './sip-headers.ts';
import { SignallingError, signallingErrorOf } from './signalling-error.ts';

/** What the registry of legs knows of any leg. */
export type LiveLeg = SignallingLeg & {
  handle(request: ReceivedRequest): void;
  connectionLost(): void;
  /** A new connection to the SIP server is up. */
  connectionBack(): void;
  /** The SIP server says that the call is over; whether that is news, the leg knows. */
  stopped(stop: { isByPeer: boolean; reason: string }): void;
};

export type InboundLegOptions = {
  invite: IncomingInvite;
  /** Null: the INVITE came over another process; only its dialog can be used. */
  request: ReceivedRequest | null;
  connection: SipConnection;
  /** Who has claimed the dialog with a higher one keeps it. */
  epoch?: number;
  events: EventQueue;
  contact: string | null;
  onUnsent: (error: unknown) => void;
  onDisposed: () => void;
};

/** The SIP server's name of a dialog that a peer began. */
export const dialogIdOf = (invite: Pick<IncomingInvite, 'sipCallId' | 'remoteTag'>): string =>
  `${invite.sipCallId};from-tag=${invite.remoteTag}`;

/** Of a dialog that is only to be ended. */
export const NO_MEDIA: LocalMedia = { address: { host: '0.0.0.0', port: 0 }, sessionId: 0 };

export const createInboundLeg = (options: InboundLegOptions): LiveLeg => {
  const { invite, connection, events } = options;
  let { request } = options;
  let dialog: Dialog | null = null;
  let hasFinalResponse = request === null;
  let isCancelled = false;

  const onCancelled = (): void => {
    if (isCancelled) return;
    isCancelled = true;
    hasFinalResponse = true;
    events.push({ type: 'caller.cancelled' });
  };
  request?.onCancel(onCancelled);

  const hold = createDialogHold({
    connection,
    dialogId: dialogIdOf(invite),
    epoch: options.epoch ?? 0,
    answered: (answer, isProbed) => {
      const end = endOf(answer);
      if (dialog && end) dialog.end(end);
      if (hasFinalResponse) return;
      // drachtio-server knows no dialog before the answer.
      if (end && !isProbed) {
        onCancelled();
        return;
      }
      request = connection.takeUpInvite(invite);
      request.onCancel(onCancelled);
    },
  });

  const respond = async (status: number, parts: ResponseParts = {}): Promise<SentResponse> => {
    if (!request || hasFinalResponse) throw new SignallingError('transactionGone', 'the INVITE is answered or gone');
    hasFinalResponse = status >= 200;
    try {
      return await request.respond(status, { ...parts, toTag: invite.localTag });
    } catch (error) {
      const { code } = signallingErrorOf(error);
      if (code === 'unreachable' || code === 'suspended') hasFinalResponse = false;
      // Only a CANCEL takes the transaction away before we answer; drachtio-srf drops one that crosses our response.
      if (code === 'transactionGone') onCancelled();
      throw error;
    }
  };

  const openDialog = (media: MediaSession): Dialog =>
    createDialog(
      {
        id: dialogIdOf(invite),
        type: 'uas',
        callId: invite.sipCallId,
        localTag: invite.localTag,
        remoteTag: invite.remoteTag,
        remoteUri: uriOf(request?.header('contact') ?? null) ?? '',
        localContact: options.contact ?? '',
      },
      media,
      { connection, tell: events.push, onUnsent: options.onUnsent },
    );

  const answer = async (local: LocalMedia): Promise<Answered> => {
    const media = createMediaSession(local);
    const answered = invite.remoteSdp === null ? { media: null, sdp: media.offer() } : media.answer(invite.remoteSdp);
    if ('refused' in answered) {
      await respond(answered.refused);
      throw new SignallingError('mediaRefused', answered.reason);
    }
    const headers: Record<string, string> = { 'content-type': SDP_TYPE, allow: ALLOW };
    if (options.contact !== null) headers['contact'] = options.contact;
    // The ACK may come in the same segment as the confirmation that the 200 was sent: the dialog has to be there by then,
    // and the event has to wait until those who await this answer have run.
    const opened = openDialog(media);
    dialog = opened;
    const release = events.hold();
    try {
      const sent = await respond(200, { headers, body: answered.sdp });
      opened.setLocalContact(sent.contact ?? options.contact ?? '');
      setImmediate(release);
    } catch (error) {
      dialog = null;
      release();
      throw error;
    }
    return { dialog: opened.state, media: answered.media };
  };

  /** A caller may end an early dialog with BYE (RFC 3261 15.1.1): its INVITE is then refused with 487 (15.1.2). */
  const handleEarly = (received: ReceivedRequest): void => {
    if (received.method !== 'BYE') {
      if (received.method !== 'ACK') received.respond(481).catch(options.onUnsent);
      return;
    }
    received.respond(200, { toTag: invite.localTag }).catch(options.onUnsent);
    if (hasFinalResponse) return;
    respond(487).catch(options.onUnsent);
    events.push({ type: 'caller.hungUp', reason: reasonTextOf(received.header('reason')) });
  };

  return {
    ring: async () => void (await respond(180, { headers: { allow: ALLOW } })),
    answer,
    refuse: async (status, { reason, retryAfterSeconds } = {}) => {
      const headers: Record<string, string> = {};
      if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
      await respond(status, { headers, ...(reason === undefined ? {} : { reason }) });
    },
    hangUp: async ({ reason } = {}) => {
      // A callee may not end an early dialog with BYE (RFC 3261 15); without the INVITE the dialog is another process's.
      if (!dialog && request) throw new SignallingError('dialogGone', 'the call was not answered');
      hold.release();
      dialog ??= openDialog(createMediaSession(NO_MEDIA));
      return dialog.hangUp(reason ?? null);
    },
    transfer: async (user) => {
      if (!dialog) throw new SignallingError('dialogGone', 'the call was not answered');
      dialog.transfer(user);
    },
    hold: async (isHeld) => {
      if (!dialog) throw new SignallingError('dialogGone', 'the call was not answered');
      await dialog.hold(isHeld);
    },
    cancel: async () => {
      throw new SignallingError('transactionGone', 'only an INVITE of ours can be cancelled');
    },
    handle: (received) => (dialog ? dialog.handle(received) : handleEarly(received)),
    connectionLost: () => dialog?.connectionLost(),
    connectionBack: hold.take,
    stopped: (stop) => {
      if (hold.isProbing) dialog?.end(endByStop(stop));
    },
    [Symbol.dispose]: () => {
      hold.release();
      events.close();
      options.onDisposed();
    },
  };
};
