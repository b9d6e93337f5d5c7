/** A confirmed or early dialog (RFC 3261 12): answers what the peer sends in it, and ends it with BYE. */
import type { MediaAddress } from '#domain/media.ts';
import type { DialogState, SignallingEvent } from '#domain/signalling.ts';
import type { MediaSession } from './media-session.ts';
import type { ReceivedRequest, ResponseParts, SipConnection } from './sip-connection.ts';
import { ACCEPT, ALLOW, DTMF_TYPES, REFUSED_METHODS, SDP_TYPE, digitOf, mediaTypeOf } from './sip-headers.ts';
import { hostOf, reasonTextOf, sdpOf, uriOf } from './sip-headers.ts';
import { SignallingError } from './signalling-error.ts';
import { beginTransfer, type Transfer } from './transfer.ts';

export type DialogIdentity = {
  id: string;
  type: 'uas' | 'uac';
  callId: string;
  localTag: string;
  remoteTag: string;
  remoteUri: string;
  localContact: string;
};

export type DialogDeps = {
  connection: SipConnection;
  tell: (event: SignallingEvent) => void;
  /** A response that could not be sent: the peer will ask again, or has given up. */
  onUnsent: (error: unknown) => void;
};

export type Dialog = {
  handle(request: ReceivedRequest): void;
  /** Resolves with the status of the final response; rejects `dialogGone` or `unreachable`. */
  hangUp(reason: string | null): Promise<number>;
  /** Blind transfer to this user at the peer's host. */
  transfer(user: string): void;
  /** Offers this address in place of the one that the peer has. Rejects when it does not take it. */
  moveMedia(address: MediaAddress): Promise<void>;
  /** Puts the peer on hold, or takes it back. Rejects when it does not agree; nothing is changed then. */
  hold(isHeld: boolean): Promise<void>;
  connectionLost(): void;
  /** It is known from elsewhere that the dialog is over. Told once, as a BYE is. */
  end(event: SignallingEvent): void;
  /** The ACK to our answer came before this process had the dialog. */
  noteAcknowledged(): void;
  /** The Contact as the SIP server wrote it; it is part of the state. */
  setLocalContact(contact: string): void;
  readonly state: DialogState;
  readonly isAcknowledged: boolean;
};

const GLARE_RETRY_SECONDS = '1';
const ACK_TIMEOUT_TEXT = /ack timeout/i;

/** `media` belongs to the leg; the dialog renegotiates it. `isAcknowledged` at once for dialogs that we began. */
export const createDialog = (identity: DialogIdentity, media: MediaSession, deps: DialogDeps): Dialog => {
  const { connection, tell } = deps;
  let { remoteUri, localContact } = identity;
  let isAcknowledged = identity.type === 'uac';
  let isOver = false;
  let transfer: Transfer | null = null;
  const awaitedBye = new Set<(error: SignallingError) => void>();

  const state = (): DialogState => ({
    id: identity.id,
    type: identity.type,
    sip: { callId: identity.callId, localTag: identity.localTag, remoteTag: identity.remoteTag },
    local: { uri: uriOf(localContact) ?? '', sdp: media.localSdp, contact: localContact },
    remote: { uri: remoteUri, sdp: media.remoteSdp },
    onHold: media.isOnHold,
    ...(media.isHolding && { isHolding: true }),
  });

  const respond = (request: ReceivedRequest, status: number, parts: ResponseParts = {}): void => {
    request.respond(status, { ...parts, toTag: identity.localTag }).catch(deps.onUnsent);
  };
  const describe = (sdp: string) => ({ headers: { 'content-type': SDP_TYPE, allow: ALLOW }, body: sdp });
  const tellRenegotiated = () => {
    if (media.media) tell({ type: 'dialog.renegotiated', media: media.media, dialog: state() });
  };

  const onBye = (request: ReceivedRequest): void => {
    if (!request.isUnsolicited) respond(request, 200);
    if (isOver) return;
    isOver = true;
    const reason = reasonTextOf(request.header('reason'));
    const isAckTimeout = request.isUnsolicited && !isAcknowledged && ACK_TIMEOUT_TEXT.test(reason ?? '');
    tell(isAckTimeout ? { type: 'dialog.ackTimedOut' } : { type: 'caller.hungUp', reason });
  };

  const onAck = (request: ReceivedRequest): void => {
    const wasAwaited = media.isAnswerAwaited;
    const settled = wasAwaited ? media.readAnswer(sdpOf(request.header('content-type'), request.body)) : media.media;
    if (isAcknowledged) {
      if (wasAwaited && settled) tellRenegotiated();
      return;
    }
    isAcknowledged = true;
    tell({ type: 'dialog.acknowledged', media: settled });
  };

  /** Re-INVITE, and UPDATE (RFC 3311). Refused offers leave the session as it was. */
  const onOffer = (request: ReceivedRequest): void => {
    const contact = uriOf(request.header('contact'));
    if (media.isAnswerAwaited) {
      return respond(request, 491, { headers: { 'retry-after': GLARE_RETRY_SECONDS } });
    }
    const offer = sdpOf(request.header('content-type'), request.body);
    if (offer === null && request.body.trim() !== '') {
      return respond(request, 415, { headers: { accept: ACCEPT } });
    }
    if (offer === null) {
      if (contact !== null) remoteUri = contact;
      return respond(
        request,
        200,
        request.method === 'UPDATE' ? { headers: { allow: ALLOW } } : describe(media.offer()),
      );
    }
    const answered = media.answer(offer);
    if ('refused' in answered) {
      return respond(request, answered.refused, { headers: { warning: `304 trunkline "${answered.reason}"` } });
    }
    if (contact !== null) remoteUri = contact;
    respond(request, 200, describe(answered.sdp));
    tellRenegotiated();
  };

  const onInfo = (request: ReceivedRequest): void => {
    const type = request.header('content-type');
    if (request.body.trim() === '') return respond(request, 200);
    const pressed = digitOf(type, request.body);
    if (pressed) {
      respond(request, 200);
      return tell({ type: 'dialog.digitPressed', ...pressed });
    }
    const isDtmf = DTMF_TYPES.some((known) => known === mediaTypeOf(type));
    respond(request, isDtmf ? 400 : 415, isDtmf ? {} : { headers: { accept: ACCEPT } });
  };

  const onNotify = (request: ReceivedRequest): void => {
    // RFC 6665 4.1.3: nobody asked.
    if (!transfer || !/^\s*refer\b/i.test(request.header('event') ?? '')) return respond(request, 481);
    respond(request, 200);
    transfer.notified(request);
  };

  const handlers: Readonly<Record<string, (request: ReceivedRequest) => void>> = {
    ACK: onAck,
    BYE: onBye,
    INVITE: onOffer,
    UPDATE: onOffer,
    INFO: onInfo,
    NOTIFY: onNotify,
    OPTIONS: (request) => respond(request, 200, { headers: { allow: ALLOW, accept: ACCEPT } }),
  };

  const hangUp = (reason: string | null): Promise<number> =>
    new Promise<number>((resolve, reject) => {
      const fail = (error: SignallingError) => {
        awaitedBye.delete(fail);
        reject(error);
      };
      awaitedBye.add(fail);
      const headers: Record<string, string> = {};
      if (reason !== null) headers['reason'] = `SIP;cause=200;text="${reason.replace(/["\\\r\n]/g, ' ')}"`;
      connection
        .send({ method: 'BYE', dialogId: identity.id, headers }, ({ status }) => {
          if (status < 200) return;
          awaitedBye.delete(fail);
          resolve(status);
        })
        .catch(fail);
    });

  /** Re-INVITE (RFC 3261 14.1). The answer may change what is to be sent, and where. */
  const reoffer = (): Promise<void> =>
    new Promise((resolve, reject) => {
      connection
        .send({ method: 'INVITE', dialogId: identity.id, ...describe(media.offer()) }, (response) => {
          if (response.status < 200) return;
          if (response.status < 300) response.acknowledge();
          const isTaken = response.status < 300;
          const settled = media.readAnswer(isTaken ? sdpOf(response.header('content-type'), response.body) : null);
          if (!settled) return reject(new SignallingError('rejected', `the re-INVITE got ${response.status}`));
          tellRenegotiated();
          resolve();
        })
        .catch(reject);
    });

  return {
    moveMedia: (address) => {
      media.moveTo(address);
      return reoffer();
    },
    async hold(isHeld) {
      if (isOver) throw new SignallingError('dialogGone', 'the dialog is over');
      if (media.isAnswerAwaited) throw new SignallingError('rejected', 'the media are being negotiated');
      media.hold(isHeld);
      try {
        await reoffer();
      } catch (error) {
        media.hold(!isHeld);
        media.readAnswer(null);
        throw error;
      }
    },
    handle(request) {
      const handler = Object.hasOwn(handlers, request.method) ? handlers[request.method] : undefined;
      if (handler) return handler(request);
      respond(request, REFUSED_METHODS.includes(request.method) ? 405 : 501, { headers: { allow: ALLOW } });
    },
    hangUp,
    transfer(user) {
      const host = hostOf(remoteUri);
      if (isOver || host === null) throw new SignallingError('dialogGone', 'the dialog is over');
      if (transfer && !transfer.isOver) throw new SignallingError('rejected', 'a transfer is under way');
      transfer = beginTransfer({
        ...{ connection, dialogId: identity.id, tell },
        referTo: `sip:${encodeURIComponent(user).replace('%2B', '+')}@${host}`,
        referredBy: uriOf(localContact),
      });
    },
    connectionLost() {
      for (const fail of [...awaitedBye])
        fail(new SignallingError('unreachable', 'the SIP server connection was lost'));
    },
    end(event) {
      if (isOver) return;
      isOver = true;
      for (const fail of [...awaitedBye]) fail(new SignallingError('dialogGone', 'the dialog is over'));
      tell(event);
    },
    noteAcknowledged() {
      isAcknowledged = true;
    },
    setLocalContact(contact) {
      localContact = contact;
    },
    get state() {
      return state();
    },
    get isAcknowledged() {
      return isAcknowledged;
    },
  };
};
