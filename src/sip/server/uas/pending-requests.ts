import type { TimerHandle } from '#sip/server/clock.ts';
import type { AppConnection } from '#sip/server/control/app-connection.ts';
import { dialogIdOf, type Claim, type Dialog } from '#sip/server/dialogs/dialog.ts';
import { newId, newTag } from '#sip/server/identifiers.ts';
import { buildResponse } from '#sip/server/message/build-response.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { ServerTransaction } from '#sip/server/transactions/server-transactions.ts';

/** A request that an application was given and has not finally answered. Any connection may answer it by `txnId`. */
export type PendingRequest = {
  txnId: string;
  transaction: ServerTransaction;
  /** Null: nobody is there to be given it. */
  owner: AppConnection | null;
  claim: Claim | null;
  /** As told to the application. */
  frame: string;
  /** Orders what waits in a dialog. */
  arrival: number;
  /** Epoch ms. */
  receivedAt: number;
  /** What happens when the application says nothing; ends with the request. */
  watch: TimerHandle | null;
  /** The dialog it came in, or the one its first answer made. */
  dialog: Dialog | null;
  /** Whether the dialog existed before. */
  isInDialog: boolean;
  /** Our tag: chosen with the first answer. */
  localTag: string | null;
};

export type PendingRequests = {
  add(request: Pick<PendingRequest, 'transaction' | 'owner' | 'dialog' | 'isInDialog'>): PendingRequest;
  get(txnId: string): PendingRequest | undefined;
  /** The pending request of a transaction. */
  of(transaction: ServerTransaction): PendingRequest | undefined;
  inDialog(dialog: Dialog): PendingRequest[];
  /** The unanswered INVITE that is to make the dialog of this id. */
  inviteOf(dialogId: string): PendingRequest | undefined;
  ofOwner(owner: AppConnection): PendingRequest[];
  /** Its application is gone: the patience starts again, as for one that said nothing. */
  noteAbandoned(request: PendingRequest): void;
  /** A provisional answer was sent: the patience starts again, longer. */
  noteProvisional(request: PendingRequest): void;
  remove(request: PendingRequest): void;
  /** The request was refused by the server itself: a dialog that only it made goes with it. */
  end(request: PendingRequest): void;
  stop(): void;
};

const NO_ANSWER_MS = 64_000;
/** Longer than any network lets a call ring. */
const RINGING_MS = 600_000;

/** Keeps what applications owe an answer to; what is never answered ends here, an INVITE with 480. */
export function createPendingRequests({ clock, dialogs }: Pick<SipContext, 'clock' | 'dialogs'>): PendingRequests {
  const byTxnId = new Map<string, PendingRequest>();
  const byTransaction = new Map<ServerTransaction, PendingRequest>();
  const timers = new Map<PendingRequest, TimerHandle>();

  const remove = (request: PendingRequest): void => {
    timers.get(request)?.cancel();
    request.watch?.cancel();
    timers.delete(request);
    byTxnId.delete(request.txnId);
    byTransaction.delete(request.transaction);
  };

  const end = (request: PendingRequest): void => {
    remove(request);
    const { dialog, isInDialog, transaction } = request;
    if (!dialog) return;
    if (transaction.received.message.method === 'INVITE') dialog.invitePending = null;
    if (!isInDialog) dialogs.remove(dialog);
  };

  const giveUp = (request: PendingRequest): void => {
    end(request);
    const { message } = request.transaction.received;
    // Nobody waits any more for the answer to another request (RFC 4320 4.1).
    if (message.method !== 'INVITE') return request.transaction.drop();
    request.transaction.respond(buildResponse(message, { status: 480, toTag: request.localTag ?? newTag() }));
  };

  const wait = (request: PendingRequest, ms: number): void => {
    timers.get(request)?.cancel();
    timers.set(
      request,
      clock.after(ms, () => giveUp(request)),
    );
  };

  return {
    add(parts) {
      const request: PendingRequest = {
        ...parts,
        ...{ txnId: newId(), localTag: null, claim: null, frame: '', arrival: 0, receivedAt: clock.now(), watch: null },
      };
      byTxnId.set(request.txnId, request);
      byTransaction.set(request.transaction, request);
      wait(request, NO_ANSWER_MS);
      return request;
    },
    get: (txnId) => byTxnId.get(txnId),
    of: (transaction) => byTransaction.get(transaction),
    inDialog: (dialog) => [...byTxnId.values()].filter((request) => request.dialog === dialog),
    inviteOf: (dialogId) =>
      [...byTxnId.values()].find(({ isInDialog, transaction: { received } }) => {
        if (isInDialog || received.message.method !== 'INVITE') return false;
        return dialogIdOf(received.facts.callId, received.facts.fromTag) === dialogId;
      }),
    ofOwner: (owner) => [...byTxnId.values()].filter((request) => request.owner === owner),
    noteAbandoned: (request) => wait(request, NO_ANSWER_MS),
    noteProvisional: (request) => wait(request, RINGING_MS),
    remove,
    end,
    stop() {
      for (const [request, timer] of timers) {
        timer.cancel();
        request.watch?.cancel();
      }
      timers.clear();
    },
  };
}
