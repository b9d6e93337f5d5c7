import { newId } from '#sip/server/identifiers.ts';
import { timeOfDay } from '#sip/server/control/frames.ts';
import { buildResponse } from '#sip/server/message/build-response.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';
import type { PendingRequest } from '#sip/server/uas/pending-requests.ts';
import type { DialogEnd, Owners } from './owners.ts';
import type { OwnersDeps } from './patient-owners.ts';

const BYE_PATIENCE_MS = 32_000;

/**
 * As drachtio-server 0.9.10 does it: a dialog belongs for ever to the connection that was given its INVITE, or sent it.
 * Once that is gone, the peer gets 481; the end of a call is told by `cdr:stop`, to one connection in turn.
 */
export function createDrachtioOwners({ context, pending }: Pick<OwnersDeps, 'context' | 'pending'>): Owners {
  const { clock, routes } = context;

  const refuse = (request: PendingRequest, status: number): void => {
    pending.end(request);
    request.transaction.respond(buildResponse(request.transaction.received.message, { status }));
  };

  const tellStop = ({ source, reason, text }: DialogEnd): void =>
    routes.next('cdr:stop')?.send(`${newId()}|cdr:stop|${source}|${timeOfDay(clock.now())}|${reason}\r\n${text}`);

  const deliver = (request: PendingRequest): void => {
    if (request.owner?.isOpen()) request.owner.send(request.frame);
    else refuse(request, 481);
  };

  return {
    heard: () => undefined,
    gone: () => undefined,
    isAbsent: (connection) => connection === null || !connection.isOpen(),
    mayUse: () => true,
    used: () => undefined,
    answers: () => undefined,
    given: () => undefined,
    deliver,
    deliverBye(request) {
      request.watch = clock.after(BYE_PATIENCE_MS, () => refuse(request, 500));
      deliver(request);
      tellStop({
        source: 'network',
        reason: 'normal-release',
        text: serialise(request.transaction.received.message),
      });
    },
    tell: ({ owner }, frame) => owner?.send(frame),
    cancelled: ({ owner }, _dialogId, frame) => owner?.send(frame),
    endedByServer({ owner }, frame, { text }) {
      owner?.send(frame);
      tellStop({ source: 'application', reason: 'system-initiated-termination', text });
    },
    endedByApp: (text) => tellStop({ source: 'application', reason: 'normal-release', text }),
    claim: null,
    stop: () => undefined,
  };
}
