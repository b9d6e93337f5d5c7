/** What the adapter needs of a SIP server: requests in, responses and requests out. Implemented on drachtio-srf. */

export type SipHeaders = Readonly<Record<string, string>>;

export type SentResponse = {
  /** Null while the response created no dialog. */
  dialogId: string | null;
  /** Our Contact, as it left. */
  contact: string | null;
};

export type ResponseParts = { reason?: string; headers?: SipHeaders; body?: string; toTag?: string };

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
  auth?: { username: string; password: string } | null;
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
  /** Resolves when the request was sent; rejects with `SignallingError`. `onResponse` hears every response but 100. */
  send(request: OutgoingRequest, onResponse: (response: ReceivedResponse) => void): Promise<SentRequest>;
  close(): Promise<void>;
};
