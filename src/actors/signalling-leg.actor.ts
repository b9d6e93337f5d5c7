import { fromCallback } from 'xstate';
import type { CallDirection, CallId } from '#domain/call.ts';
import type { OutgoingRoute } from '#domain/dial-plan.ts';
import { faultOf } from '#domain/fault.ts';
import type { ResourceLedger } from '#domain/resource-ledger.ts';
import type {
  DialogState,
  IncomingInvite,
  OutgoingInvite,
  RestorableSignalling,
  SignallingEvent,
  SignallingLeg,
} from '#domain/signalling.ts';
import type { CallEvent, SignallingCommand } from '#machines/call.types.ts';

export type SignallingLegDeps = {
  signalling: RestorableSignalling;
  ledger: ResourceLedger;
  /** User part of the address that a call is transferred to. Throws when it may not be. */
  transferUser: (number: string, by: 'agent' | 'operator') => string;
  /** Where and as whom to call. Throws when the trunk of the route is gone. */
  describeOutgoing: (route: OutgoingRoute, calledNumber: string) => OutgoingInvite;
};

type Input = {
  callId: CallId;
  direction: CallDirection;
  invite: IncomingInvite;
  abandoned: { dialog: DialogState | null; epoch: number } | null;
};

/** The SIP side of one call. Commands are carried out in order of arrival; results and faults come back as events. */
export const createSignallingLegActor = ({ signalling, ledger, describeOutgoing, ...deps }: SignallingLegDeps) =>
  fromCallback<SignallingCommand, Input>(({ input, sendBack, receive }) => {
    const { callId } = input;
    let isOver = false;
    const tell = (event: CallEvent) => {
      isOver ||= ENDS.has(event.type);
      sendBack(event);
    };
    // Of the SDP origin line (RFC 8866 5.2): stays the same for the whole call.
    const sessionId = Date.now();
    let leg = beginLeg(signalling, input, tell);
    const release = () => {
      if (isOver || ledger.isAbandoned(callId)) leg?.[Symbol.dispose]();
      else void abandon(leg);
      isOver = true;
    };
    const entry = ledger.register(callId, 'signalling leg', release);

    const carryOut = async (command: SignallingCommand): Promise<void> => {
      if (command.type === 'signalling.place') {
        // Once more over another trunk, the one before having refused.
        leg?.[Symbol.dispose]();
        isOver = false;
        const outgoing = describeOutgoing(command.route, command.calledNumber);
        leg = signalling.place(outgoing, { address: command.address, sessionId }, tell);
        return;
      }
      if (!leg) return;
      switch (command.type) {
        case 'signalling.ring':
          return leg.ring();
        case 'signalling.answer':
          return tell({ type: 'signalling.answered', ...(await leg.answer({ address: command.address, sessionId })) });
        case 'signalling.refuse':
          isOver = true;
          await leg.refuse(command.status, retryAfter(command.retryAfterSeconds));
          return tell({ type: 'signalling.refused' });
        case 'signalling.transfer':
          return leg.transfer(deps.transferUser(command.number, command.by));
        case 'signalling.hold':
          await leg.hold(command.isHeld);
          return tell({ type: 'signalling.held', isHeld: command.isHeld });
        case 'signalling.cancel':
          return leg.cancel();
        case 'signalling.moveMedia':
          return leg.moveMedia?.(command.address);
        case 'signalling.hangUp':
          return tell({ type: 'signalling.hungUp', status: await leg.hangUp({ reason: command.reason }) });
      }
    };

    receive((command) => {
      carryOut(command).catch((error: unknown) => {
        tell({ type: 'signalling.failed', step: command.type, ...faultOf(error) });
      });
    });

    return () => {
      release();
      entry[Symbol.dispose]();
    };
  });

const beginLeg = (
  signalling: RestorableSignalling,
  { direction, invite, abandoned }: Input,
  tell: (event: SignallingEvent) => void,
): SignallingLeg | null => {
  if (abandoned) return signalling.restore({ invite, ...abandoned }, tell);
  return direction === 'inbound' ? signalling.attach(invite, tell) : null;
};

/** After these nobody waits for an answer of ours any more. */
const ENDS: ReadonlySet<string> = new Set([
  'caller.cancelled',
  'caller.hungUp',
  'dialog.ackTimedOut',
  'dialog.gone',
  'callee.refused',
  'signalling.hungUp',
]);

/** End a leg whose call is gone before its end: BYE where there is a dialog, else a final refusal, else CANCEL. */
const abandon = async (leg: SignallingLeg | null) => {
  if (!leg) return;
  await leg
    .hangUp({ reason: 'fault' })
    .catch(() => leg.refuse(SERVER_ERROR))
    .catch(() => leg.cancel())
    .catch(() => {});
  leg[Symbol.dispose]();
};

const SERVER_ERROR = 500;

const retryAfter = (seconds: number | null) => (seconds === null ? {} : { retryAfterSeconds: seconds });
