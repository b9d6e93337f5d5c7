import type { TimerHandle } from '#sip/server/clock.ts';
import type { AppConnection } from '#sip/server/control/app-connection.ts';
import type { Dialog } from '#sip/server/dialogs/dialog.ts';
import { sendServerBye } from '#sip/server/dialogs/server-bye.ts';
import { newTag } from '#sip/server/identifiers.ts';
import { header } from '#sip/server/message/app-message.ts';
import { buildResponse } from '#sip/server/message/build-response.ts';
import type { SipContext } from '#sip/server/sip-context.ts';
import type { PlacedRequests } from '#sip/server/uac/placed-requests.ts';
import type { PendingRequest, PendingRequests } from '#sip/server/uas/pending-requests.ts';
import { createClaim } from './claim.ts';
import { createEndedDialogs, KEEP_END_MS } from './ended-dialogs.ts';
import type { Owners } from './owners.ts';
import { createPresence } from './presence.ts';

/** How long a request waits for an application; with 100 before a peer would repeat it slower (RFC 4320 4.1). */
const PATIENCE_MS = 5000;
const TRYING_MS = 3500;
/** Less than T1, after which its peer would repeat a BYE (RFC 3261 17.1.2.2): its dialog is over whatever the answer. */
const BYE_PATIENCE_MS = 400;
const RETRY_AFTER = header('Retry-After', '5');
const MAX_KEPT_FRAMES = 32;

export type OwnersDeps = { context: SipContext; pending: PendingRequests; placed: PlacedRequests };

/**
 * A dialog belongs to the connection that used it last, until one claims it. While the owner is gone or silent, a BYE
 * is answered at once and remembered, other requests wait a little, and what expects no answer is kept.
 */
export function createPatientOwners({ context, pending, placed }: OwnersDeps): Owners {
  const { clock, dialogs } = context;
  const presence = createPresence(clock);
  const ended = createEndedDialogs(clock);
  const orphanings = new Set<TimerHandle>();
  let arrivals = 0;

  const noteEnd = ({ id, claim }: Pick<Dialog, 'id' | 'claim'>, reason: string): void =>
    ended.note(id, { reason, epoch: claim?.epoch ?? 0 });

  const tell = (dialog: Dialog, frame: string): void => {
    dialog.owner?.send(frame);
    if (!presence.isAbsent(dialog.owner) || dialog.kept.length >= MAX_KEPT_FRAMES) return;
    arrivals += 1;
    dialog.kept.push({ arrival: arrivals, frame });
  };

  const refuseUnlessOwned = (request: PendingRequest): void => {
    if (!presence.isAbsent(request.owner)) return;
    pending.end(request);
    const { message } = request.transaction.received;
    const refusal = request.isInDialog ? { status: 500 } : { status: 503, toTag: newTag() };
    request.transaction.respond(buildResponse(message, { ...refusal, headers: [RETRY_AFTER] }));
  };

  const waitForOwner = (request: PendingRequest): void => {
    const { message } = request.transaction.received;
    const remaining = (ms: number): number => Math.max(0, request.receivedAt + ms - clock.now());
    const waitToTheEnd = (): void => {
      request.watch = clock.after(remaining(PATIENCE_MS), () => refuseUnlessOwned(request));
    };
    request.watch?.cancel();
    if (message.method === 'INVITE' || remaining(TRYING_MS) === 0) return waitToTheEnd();
    request.watch = clock.after(remaining(TRYING_MS), () => {
      request.transaction.respond(buildResponse(message, { status: 100 }));
      waitToTheEnd();
    });
  };

  const acceptBye = ({ transaction }: PendingRequest): void => {
    transaction.respond(buildResponse(transaction.received.message, { status: 200 }));
  };

  const answerBye = (request: PendingRequest): void => {
    pending.remove(request);
    acceptBye(request);
  };

  /** Nobody, or nobody any more: what is done instead of the application. */
  const standIn = (request: PendingRequest): void => {
    if (request.transaction.received.message.method === 'BYE') answerBye(request);
    else waitForOwner(request);
  };

  const expectAnswer = (request: PendingRequest): void => {
    const { owner } = request;
    request.watch?.cancel();
    if (owner === null || presence.isAbsent(owner)) return standIn(request);
    const silence = presence.watch(owner, () => standIn(request));
    request.watch = silence;
    if (request.transaction.received.message.method !== 'BYE') return;
    // Its own answer, when it comes, finds the transaction completed and goes nowhere.
    const patience = clock.after(BYE_PATIENCE_MS, () => acceptBye(request));
    request.watch = {
      cancel: () => {
        silence.cancel();
        patience.cancel();
      },
    };
  };

  const deliver = (request: PendingRequest): void => {
    arrivals += 1;
    request.arrival = arrivals;
    request.owner?.send(request.frame);
    expectAnswer(request);
  };

  const handOver = (dialog: Dialog, connection: AppConnection): void => {
    const previous = dialog.owner;
    dialog.owner = connection;
    const requests = pending.inDialog(dialog).filter(({ isInDialog }) => isInDialog);
    const waiting = [...dialog.kept, ...requests].toSorted((one, other) => one.arrival - other.arrival);
    dialog.kept = [];
    for (const request of requests) request.owner = connection;
    // What the connection was sent before is in its socket.
    if (previous !== connection) for (const { frame } of waiting) connection.send(frame);
    for (const request of requests) expectAnswer(request);
  };

  /** The peer of a dialog that nobody came back for hears only silence. */
  const endOrphans = (connection: AppConnection): void => {
    for (const dialog of dialogs.all()) {
      if (dialog.owner === connection && dialog.isConfirmed) sendServerBye(context, dialog, 'application gone');
    }
  };

  const orphan = (connection: AppConnection): void => {
    if (!dialogs.all().some(({ owner }) => owner === connection)) return;
    const timer = clock.after(KEEP_END_MS, () => {
      orphanings.delete(timer);
      endOrphans(connection);
    });
    orphanings.add(timer);
  };

  return {
    heard(connection) {
      if (!presence.heard(connection)) return;
      for (const dialog of dialogs.all()) if (dialog.owner === connection) dialog.kept = [];
    },
    gone(connection) {
      presence.gone(connection);
      for (const request of pending.ofOwner(connection)) {
        if (request.isInDialog) standIn(request);
        else if (isUntouched(request)) waitForOwner(request);
        else pending.noteAbandoned(request);
      }
      orphan(connection);
    },
    isAbsent: presence.isAbsent,
    mayUse: ({ claim }, connection) => claim === null || claim.connection === connection,
    used: (dialog, connection) => void (dialog.owner = connection),
    answers(request, connection) {
      request.owner = connection;
      if (request.dialog) request.dialog.owner = connection;
    },
    given(request) {
      if (request.owner) request.watch = presence.watch(request.owner, () => undefined);
    },
    deliver,
    deliverBye(request, dialog) {
      noteEnd(dialog, 'normal-release');
      deliver(request);
    },
    tell,
    // Remembered in any case: the connection may belong to a process that died a moment ago.
    cancelled({ owner, claim }, dialogId, frame) {
      owner?.send(frame);
      noteEnd({ id: dialogId, claim }, 'cancelled');
    },
    endedByServer(dialog, frame, { reason }) {
      dialog.owner?.send(frame);
      noteEnd(dialog, reason);
    },
    endedByApp: () => undefined,
    claim: createClaim({ dialogs, pending, placed, ended, handOver }),
    stop() {
      for (const timer of orphanings) timer.cancel();
      orphanings.clear();
    },
  };
}

/** An INVITE to which nothing but 100 was said: what its application was about to do is lost with it. */
const isUntouched = ({ localTag, transaction }: PendingRequest): boolean =>
  localTag === null && transaction.received.message.method === 'INVITE';
