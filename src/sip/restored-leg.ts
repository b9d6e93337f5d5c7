/** The leg of a call whose process is gone: claims what is left of it, then lives in its dialog, or ends what never became one. */
import type { AbandonedLeg, DialogState, SignallingEvent, SignallingLeg } from '#domain/signalling.ts';
import { abandonedDialogId, endAbandoned, isOutbound, unkeptDialog } from './abandoned-leg.ts';
import { createDialog } from './dialog.ts';
import type { Dialog } from './dialog.ts';
import { endByStop, endOf } from './dialog-end.ts';
import { createDialogHold } from './dialog-hold.ts';
import type { EventQueue } from './event-queue.ts';
import { NO_MEDIA, createInboundLeg } from './inbound-leg.ts';
import type { LiveLeg } from './inbound-leg.ts';
import { createMediaSession, restoreMediaSession } from './media-session.ts';
import type { MediaSession } from './media-session.ts';
import { createRestoredCalling } from './restored-calling.ts';
import type { ClaimAnswer, SipConnection } from './sip-connection.ts';
import { SignallingError } from './signalling-error.ts';

export type RestoredLegOptions = {
  abandoned: AbandonedLeg;
  connection: SipConnection;
  events: EventQueue;
  contact: string | null;
  onUnsent: (error: unknown) => void;
  onDisposed: () => void;
};

/** How long the SIP server may take to be reached, before the dialog is given up. */
const CONNECTION_PATIENCE_MS = 10_000;
/** The SIP server hangs up dialogs that nobody came back for after as long. */
const LATE_MS = 300_000;
const SERVER_ERROR = 500;
const CANCELLED = 487;

const reopen = (state: DialogState, options: RestoredLegOptions): { dialog: Dialog; session: MediaSession } => {
  const { connection, events, onUnsent } = options;
  const { id, type, sip, local, remote } = state;
  const session = restoreMediaSession(local.sdp, remote.sdp, state.isHolding) ?? createMediaSession(NO_MEDIA);
  const localContact = local.contact || (options.contact ?? '');
  const identity = { id, type, ...sip, remoteUri: remote.uri, localContact };
  return { session, dialog: createDialog(identity, session, { connection, tell: events.push, onUnsent }) };
};

export const createRestoredLeg = (options: RestoredLegOptions): LiveLeg => {
  const { abandoned, connection, events } = options;
  const { invite, epoch } = abandoned;
  const dialogId = abandonedDialogId(abandoned);
  const known = Promise.withResolvers<void>();
  /** In place of a dialog: an INVITE that has no final response. */
  let unanswered: LiveLeg | null = null;
  let isOver = false;
  let isDisposed = false;
  let tasks = 0;

  let dialog = abandoned.dialog && reopen(abandoned.dialog, options).dialog;

  const finish = (): void => {
    if (!isDisposed || tasks > 0) return;
    clearTimeout(timer);
    hold.release();
    unanswered?.[Symbol.dispose]();
    options.onDisposed();
  };

  const takeUpUnanswered = (transactionId: string): void => {
    hold.release();
    const { contact, onUnsent } = options;
    const parts = { invite, connection, events, contact, onUnsent, onDisposed: () => undefined };
    unanswered = isOutbound(abandoned)
      ? createRestoredCalling({ ...parts, dialogId, transactionId })
      : createInboundLeg({ ...parts, epoch, request: connection.takeUpInvite(invite) });
  };

  const rejoin = (answer: Extract<ClaimAnswer, { type: 'alive' }>): void => {
    if (!dialog) {
      const reopened = reopen(unkeptDialog(abandoned, answer.localSdp), options);
      dialog = reopened.dialog;
      const { media } = reopened.session;
      if (media) events.push({ type: 'dialog.renegotiated', media, dialog: dialog.state });
    }
    if (answer.isAcknowledged) dialog.noteAcknowledged();
    if (!answer.isAckWaiting) events.push({ type: 'dialog.restored' });
  };

  const isUnanswered = (answer: ClaimAnswer, isProbed: boolean): boolean => {
    if (answer.type === 'unanswered') return true;
    // drachtio-server knows no dialog before the answer.
    return isProbed && answer.type === 'refused' && !dialog && !isOutbound(abandoned);
  };

  const settle = (answer: ClaimAnswer, isProbed: boolean): void => {
    const end = endOf(answer);
    if (!dialog && isUnanswered(answer, isProbed)) {
      takeUpUnanswered(answer.type === 'unanswered' ? answer.transactionId : invite.transactionId);
    } else if (answer.type === 'alive') rejoin(answer);
    else endWith(end ?? { type: 'dialog.gone', reason: 'the call was not answered' });
    known.resolve();
  };

  const endWith = (end: SignallingEvent): void => {
    if (isOver) return;
    isOver = true;
    if (dialog) dialog.end(end);
    else events.push(end);
  };

  const leaveLate = (): void => {
    tasks -= 1;
    hold.release();
    finish();
  };

  /** Nobody waits any more, but somebody may still be there when the SIP server is. */
  const giveUp = (): void => {
    phase = 'givenUp';
    endWith({ type: 'dialog.gone', reason: 'the SIP server was not reached' });
    known.resolve();
    tasks += 1;
    timer = setTimeout(leaveLate, LATE_MS);
  };

  let phase: 'waiting' | 'givenUp' | 'left' | 'settled' = 'waiting';
  let timer = setTimeout(giveUp, CONNECTION_PATIENCE_MS);
  const hold = createDialogHold({
    connection,
    dialogId,
    epoch,
    answered: (answer, isProbed) => {
      clearTimeout(timer);
      if (phase === 'waiting') {
        phase = 'settled';
        settle(answer, isProbed);
      } else if (phase === 'givenUp') {
        phase = 'left';
        endAbandoned(connection, abandoned, answer).catch(options.onUnsent).finally(leaveLate);
      } else {
        const end = endOf(answer);
        if (end) endWith(end);
      }
    },
  });
  if (connection.isConnected) hold.take();

  /** Work that was ordered before the SIP server told what is left is done also when the leg is let go meanwhile. */
  const once = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    tasks += 1;
    try {
      await known.promise;
      return await work();
    } finally {
      tasks -= 1;
      finish();
    }
  };

  const liveDialog = (): Dialog => {
    if (!dialog || isOver) throw new SignallingError('dialogGone', 'the dialog is over');
    return dialog;
  };
  const openDialog = (): Dialog => {
    const open = liveDialog();
    hold.release();
    return open;
  };
  const openInvite = (): SignallingLeg => {
    if (!unanswered) throw new SignallingError('transactionGone', 'the INVITE is answered or gone');
    return unanswered;
  };

  return {
    ring: () => once(async () => openInvite().ring()),
    answer: (local) => once(async () => openInvite().answer(local)),
    // Answered after all, and nobody wants it.
    refuse: (status, how) =>
      once(async () => {
        if (!dialog || isOver) return openInvite().refuse(status, how);
        await openDialog().hangUp(how?.reason ?? null);
      }),
    transfer: (user) => once(async () => openDialog().transfer(user)),
    hold: (isHeld) => once(() => liveDialog().hold(isHeld)),
    hangUp: ({ reason } = {}) =>
      once(async () => {
        if (!unanswered) return openDialog().hangUp(reason ?? null);
        if (isOutbound(abandoned)) await unanswered.cancel();
        else await unanswered.refuse(SERVER_ERROR);
        return SERVER_ERROR;
      }),
    moveMedia: (address) =>
      once(async () => {
        await liveDialog().moveMedia(address);
      }),
    cancel: () =>
      once(async () => {
        if (unanswered || !isOutbound(abandoned)) return openInvite().cancel();
        await openDialog().hangUp(null);
        events.push({ type: 'callee.refused', status: CANCELLED, reason: 'answered while its process was lost' });
      }),
    handle: (request) => {
      const receiver = dialog ?? unanswered;
      if (receiver) return receiver.handle(request);
      if (request.method !== 'ACK' && !request.isUnsolicited) request.respond(481).catch(options.onUnsent);
    },
    connectionLost: () => (dialog ?? unanswered)?.connectionLost(),
    connectionBack: () => (unanswered ?? { connectionBack: hold.take }).connectionBack(),
    stopped: (stop) => {
      if (dialog && hold.isProbing) endWith(endByStop(stop));
    },
    [Symbol.dispose]: () => {
      isDisposed = true;
      events.close();
      finish();
    },
  };
};
