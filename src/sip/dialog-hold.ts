/** Keeps a dialog in our hands when the connection that had it is gone: claims it, or else asks now and then whether it lives. */
import type { ClaimAnswer, SipConnection } from './sip-connection.ts';
import { signallingErrorOf } from './signalling-error.ts';

export type DialogHold = {
  /** Take the dialog over this connection; `answered` may be called again each time this one is. */
  take(): void;
  /** No further question is asked, and no answer heard. */
  release(): void;
  /** The dialog is only asked about: it belongs to a connection that is gone. */
  readonly isProbing: boolean;
};

export type DialogHoldOptions = {
  connection: SipConnection;
  dialogId: string;
  epoch: number;
  /** `isProbed`: the dialog was only asked about. The caller's requests do not reach us. */
  answered: (answer: ClaimAnswer, isProbed: boolean) => void;
};

const PROBE_INTERVAL_MS = 2_000;
const PROBED_ALIVE: ClaimAnswer = { type: 'alive', isAcknowledged: true, isAckWaiting: false, localSdp: '' };

export const createDialogHold = ({ connection, dialogId, epoch, answered }: DialogHoldOptions): DialogHold => {
  let timer: NodeJS.Timeout | null = null;
  let isReleased = false;
  let takings = 0;

  const hear = (taking: number, answer: ClaimAnswer, isProbed: boolean): void => {
    if (!isReleased && taking === takings) answered(answer, isProbed);
  };

  /** An INFO that the server refuses to send for its missing Content-Type, if it knows the dialog: the peer sees nothing. */
  const probe = async (taking: number): Promise<void> => {
    const { code, message } = await connection
      .send({ method: 'INFO', dialogId, body: 'x' }, () => undefined)
      .then(() => ({ code: 'rejected', message: '' }), signallingErrorOf);
    if (code === 'dialogGone') return hear(taking, { type: 'refused', reason: message }, true);
    if (isReleased || taking !== takings || code === 'unreachable') return;
    timer = setTimeout(() => void probe(taking), PROBE_INTERVAL_MS);
    if (code === 'suspended') return;
    hear(taking, PROBED_ALIVE, true);
  };

  return {
    take() {
      takings += 1;
      const taking = takings;
      if (timer) clearTimeout(timer);
      if (isReleased) return;
      const taken = connection.canClaim
        ? connection.claim({ id: dialogId, epoch }, (answer) => hear(taking, answer, false))
        : probe(taking);
      // Not answered: the connection went, and whoever has this hold takes again over the next one.
      taken.catch(() => undefined);
    },
    release() {
      isReleased = true;
      if (timer) clearTimeout(timer);
    },
    get isProbing() {
      return takings > 0 && !isReleased && !connection.canClaim;
    },
  };
};
