import type { AppConnection } from '#sip/server/control/app-connection.ts';
import type { Claim, Dialog } from '#sip/server/dialogs/dialog.ts';
import type { SipRequest } from '#sip/server/message/sip-message.ts';
import type { ClientTransaction } from '#sip/server/transactions/client-transactions.ts';
import type { Flow } from '#sip/server/transports/flow.ts';

/** A request that an application had us send. */
export type PlacedRequest = {
  txnId: string;
  /** Who gets the responses. */
  connection: AppConnection;
  claim: Claim | null;
  request: SipRequest;
  branch: string;
  flow: Flow;
  transaction: ClientTransaction | null;
  callId: string;
  fromTag: string;
  cseq: number;
  /** The dialog it was sent in, or the one its responses made. */
  dialog: Dialog | null;
  isInDialog: boolean;
  hasProvisional: boolean;
  hasFinal: boolean;
  /** The application wants it cancelled; `request` waits for a provisional response (RFC 3261 9.1). */
  cancel: { request: SipRequest; isSent: boolean } | null;
};

export type PlacedRequests = Map<string, PlacedRequest>;
