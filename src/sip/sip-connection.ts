/** What the adapter needs of a SIP server: requests in, responses and requests out. Implemented on drachtio-srf. */
import type { IncomingInvite } from '#domain/signalling.ts';

export type SipHeaders = Readonly<Record<string, string>>;

export type SentResponse = {
  /** Null while the response created no dialog. */
  dialogId: string | null;
  /** Our Contact, as it left. */
  contact: string | null;
};

export type ResponseParts = { reason?: string; headers?: SipHeaders; body?: string; toTag?: string };

/** What a claim of a dialog, or of an unanswered INVITE, was answered. */
export type ClaimAnswer =
  /** What has waited for an owner follows, the ACK of our answer too when it is among that. */
  | { type: 'alive'; isAcknowledged: boolean; isAckWaiting: boolean; localSdp: string }
  | { type: 'unanswered'; transactionId: string }
  /** `at` (epoch ms): when the SIP server answered the BYE, or the CANCEL, itself. */
  | { type: 'ended'; at: number; reason: string }
  | { type: 'refused'; reason: string };

export type ReceivedRequest = {
  method: string;
  uri: string;
  transactionId: string;
  /** Null outside of a dialog. */
  dialogId: string | null;
  /** Sent by the SIP server on its own (BYE after a missing ACK); expects no response. */
  isUnsolicited: boolean;
  source: { host: string; port: number; protocol: string };
  /** Comma-joined when the header came several times. Compact names are known by their long form. */
  header(name: string): string | null;
  body: string;
  /** Resolves when the response was sent; rejects with `SignallingError`, never throws. */
  respond(status: number, parts?: ResponseParts): Promise<SentResponse>;
  /** INVITE only: the peer cancelled it (already answered by the server). At once when it did so before. */
  onCancel(listener: () => void): void;
};

export type ReceivedResponse = {
  status: number;
  reason: string;
  /** Made up by the SIP server (408, 503): nothing came from the network. */
  isInvented: boolean;
  dialogId: string | null;
  header(name: string): string | null;
  body: string;
  /** ACK of a 2xx to INVITE, PRACK of a reliable 18x. */
  acknowledge(): void;
};

export type OutgoingRequest = {
  method: string;
  /** In a dialog; `uri` is then not needed. */
  dialogId?: string;
  uri?: string;
  /** Next hop, when it is not the URI itself. */
  proxyUri?: string | null;
  headers?: SipHeaders;
  body?: string;
};

export type SentRequest = {
  /** Our Contact, as it left. */
  contact: string | null;
  /** CANCEL of this INVITE. */
  cancel(): Promise<void>;
};

export type SipConnection = {
  /** Resolves when first connected and authenticated; goes on trying until then, and after every loss, until `close`. */
  connect(): Promise<void>;
  readonly isConnected: boolean;
  /** Ask for no further requests of this method outside of dialogs; those that come first are still delivered. */
  withdraw(verb: string): Promise<void>;
  /** Resolves when the request was sent; rejects with `SignallingError`. `onResponse` hears every response but 100. */
  send(request: OutgoingRequest, onResponse: (response: ReceivedResponse) => void): Promise<SentRequest>;
  /** Whether the SIP server knows `claim`; else it leaves a dialog with the connection that began it. */
  readonly canClaim: boolean;
  /**
   * Make this connection the owner of a dialog. `answered` runs before anything that has waited is delivered. Rejects
   * `unreachable`.
   */
  claim(dialog: { id: string; epoch: number }, answered: (answer: ClaimAnswer) => void): Promise<void>;
  /** An INVITE that came over another connection. Throws `unreachable`. */
  takeUpInvite(invite: IncomingInvite): ReceivedRequest;
  /** An INVITE that another connection has sent. Throws `unreachable`. */
  takeUpSent(
    sent: { transactionId: string; callId: string; localTag: string },
    onResponse: (response: ReceivedResponse) => void,
  ): SentRequest;
  close(): Promise<void>;
};
