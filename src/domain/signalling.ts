/** What the application asks of SIP and hears from it. Implemented in `src/sip`; knows no call logic. */
import type { CodecName, MediaAddress, NegotiatedMedia } from './media.ts';

/** A new INVITE that is well-formed enough to be answered (its codecs are known, its `Require` supported). */
export type IncomingInvite = {
  /** The SIP server's id of the INVITE transaction: enough to answer it, also from another connection. */
  transactionId: string;
  sipCallId: string;
  remoteTag: string;
  /** Chosen by us, so that it can be durable before the first response carries it. */
  localTag: string;
  callerNumber: string | null;
  calledNumber: string | null;
  source: { host: string; port: number; protocol: string };
  /** Null: late offer; ours goes into the 200, the answer comes in the ACK. */
  remoteSdp: string | null;
};

/** Enough to act on a dialog from any connection to the SIP server; JSON. */
export type DialogState = {
  id: string;
  type: 'uas' | 'uac';
  sip: { callId: string; localTag: string; remoteTag: string };
  local: { uri: string; sdp: string; contact: string };
  remote: { uri: string; sdp: string };
  /** By the other side. */
  onHold: boolean;
  /** By us. Absent: no. */
  isHolding?: true;
};

export type LocalMedia = { address: MediaAddress; sessionId: number };

/** What a leg tells. `at` is when the SIP server learnt of it (epoch ms). */
export type SignallingEvent =
  | { type: 'caller.cancelled' }
  /** `at` (epoch ms) where the SIP server answered the BYE while nobody was there to hear of it. */
  | { type: 'caller.hungUp'; reason: string | null; at?: number }
  /** The ACK to our 200; with a late offer `media` is what its SDP settled, null = no usable answer in it. */
  | { type: 'dialog.acknowledged'; media: NegotiatedMedia | null }
  /** The SIP server gave up waiting for the ACK and has sent BYE itself. */
  | { type: 'dialog.ackTimedOut' }
  /** A re-INVITE or UPDATE was answered; media changed (address, codec, hold). */
  | { type: 'dialog.renegotiated'; media: NegotiatedMedia; dialog: DialogState }
  | { type: 'dialog.digitPressed'; digit: string; durationMs: number }
  /** A leg that was taken over is ours, and its dialog is up. */
  | { type: 'dialog.restored' }
  /** The leg that was taken over does not exist any more: nobody is there. */
  | { type: 'dialog.gone'; reason: string | null }
  /** The peer is calling somebody else in our place, has reached them, or could not. */
  | { type: 'transfer.accepted' }
  | { type: 'transfer.completed' }
  | { type: 'transfer.failed'; status: number | null; reason: string }
  | { type: 'callee.ringing'; earlyMedia: NegotiatedMedia | null }
  | { type: 'callee.answered'; media: NegotiatedMedia | null; dialog: DialogState }
  /** `q850`: cause of the telephone network (RFC 3326), where one was given. */
  | {
      type: 'callee.refused';
      status: number;
      reason: string;
      q850?: number;
      isInvented?: boolean;
      isUnknown?: boolean;
    };

/** Result of answering: the dialog as far as known, and the media (null with a late offer until the ACK). */
export type Answered = { dialog: DialogState; media: NegotiatedMedia | null };

/**
 * One call leg. Every method is safe to call late: a transaction or dialog that is gone rejects with
 * `SignallingError` (`code` `transactionGone` | `dialogGone` | `unreachable`), never throws synchronously.
 */
export interface SignallingLeg extends Disposable {
  /** 180, carrying our To-tag. */
  ring(): Promise<void>;
  /** 200 with our SDP; resolves when it has been sent. */
  answer(local: LocalMedia): Promise<Answered>;
  /** Final refusal, e.g. 503 with `Retry-After`. */
  refuse(status: number, options?: { reason?: string; retryAfterSeconds?: number }): Promise<void>;
  /** BYE; resolves with the status of its final response. */
  hangUp(options?: { reason?: string }): Promise<number>;
  /** REFER to this user at the peer's own host; what becomes of it comes as events. Rejects `dialogGone`. */
  transfer(user: string): Promise<void>;
  /** Puts the other side on hold, or takes it back (re-INVITE). Rejects when it does not agree; nothing is changed then. */
  hold(isHeld: boolean): Promise<void>;
  /** CANCEL of an outbound INVITE that has no final response yet. */
  cancel(): Promise<void>;
  /** Only of a leg that was taken over: offer this address in place of the one that the peer has (re-INVITE). */
  moveMedia?(address: MediaAddress): Promise<void>;
}

export type OutgoingInvite = {
  targetUri: string;
  callerUri: string;
  sipCallId: string;
  localTag: string;
  /** Next hop, when it is not the target itself. */
  proxyUri: string | null;
  auth: { username: string; password: string } | null;
  /** User part of our Contact; null: none. */
  contactUser?: string | null;
  /** In the order in which they are offered; all of ours by default. */
  codecs?: readonly CodecName[];
  /** The address to call instead, for a Contact of a redirection (3xx); null: it is not followed. */
  redirectTo?: (contactUri: string) => string | null;
};

/** What is known of a leg whose process is gone. `dialog` null: it was not answered when that happened. */
export type AbandonedLeg = { invite: IncomingInvite; dialog: DialogState | null; epoch: number };

export interface Signalling {
  /** Attach to an INVITE that was reported; events that came before are delivered first. */
  attach(invite: IncomingInvite, tell: (event: SignallingEvent) => void): SignallingLeg;
  /** Send an INVITE; outcomes come as events. */
  place(invite: OutgoingInvite, local: LocalMedia, tell: (event: SignallingEvent) => void): SignallingLeg;
}

export interface RestorableSignalling extends Signalling {
  /**
   * Take over a leg of a process that is gone: claim it, then tell `dialog.restored`, or `dialog.gone`, or what the
   * caller did in the meantime (`caller.hungUp`, `caller.cancelled`, `dialog.acknowledged`). An unanswered INVITE can
   * be answered or refused as after `attach`.
   */
  restore(leg: AbandonedLeg, tell: (event: SignallingEvent) => void): SignallingLeg;
}
