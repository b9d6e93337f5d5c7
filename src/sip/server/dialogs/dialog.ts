import type { AppConnection } from '#sip/server/control/app-connection.ts';
import type { Flow } from '#sip/server/transports/flow.ts';

/** The 2xx we sent and whose ACK has not come. */
export type UnacknowledgedAnswer = { txnId: string; cseq: number; acknowledge(): void };

/** Who took a dialog over; a claim with a lower epoch is refused. */
export type Claim = { connection: AppConnection; epoch: number };

/** What an application is told and need not answer, kept until there is one; `arrival` orders it. */
export type KeptFrame = { arrival: number; frame: string };

/** A dialog (RFC 3261 12), known to applications by `id`. It outlives the connection that made it. */
export type Dialog = {
  /** `<Call-ID>;from-tag=<tag of From in the request that created it>`: drachtio-srf relies on this form. */
  id: string;
  callId: string;
  localTag: string;
  remoteTag: string;
  /** Value of the header that names us, with tag: From of our requests. */
  local: string;
  /** Value of the header that names the peer, with tag. */
  remote: string;
  localCSeq: number;
  /** -1: the peer has not sent a request yet. */
  remoteCSeq: number;
  /** Route header values for our requests, nearest hop first. */
  routeSet: string[];
  remoteTarget: string;
  /** How the peer was heard last. */
  flow: Flow;
  /** Peer behind NAT: requests go to where it was heard, whatever its Contact says. */
  isNatted: boolean;
  isConfirmed: boolean;
  owner: AppConnection | null;
  /** Null: whoever uses the dialog becomes its owner. */
  claim: Claim | null;
  kept: KeptFrame[];
  /** The session description that our side sent last. */
  localSdp: string;
  /** An INVITE in this dialog that has no final response yet, by who sent it (RFC 3261 14). */
  invitePending: 'ours' | 'theirs' | null;
  unacknowledged: UnacknowledgedAnswer | null;
  /** Our last INVITE that got a 2xx; its ACK, once sent, is sent again for a repeated 2xx. */
  answeredInvite: { cseq: number; ack: { text: string; flow: Flow } | null } | null;
  /** The INVITE was cancelled but answered nevertheless: BYE follows its ACK. */
  endAfterAck: boolean;
};

export const dialogIdOf = (callId: string, fromTag: string): string => `${callId};from-tag=${fromTag}`;

export type DialogStore = {
  /** False when another dialog has this id already. */
  add(dialog: Dialog): boolean;
  byId(id: string): Dialog | undefined;
  /** By Call-ID and both tags, nothing else: never by address. */
  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined;
  remove(dialog: Dialog): void;
  all(): Dialog[];
  size(): number;
};

const keyOf = (callId: string, localTag: string, remoteTag: string): string => `${localTag}|${remoteTag}|${callId}`;

export function createDialogStore(): DialogStore {
  const byId = new Map<string, Dialog>();
  const byTags = new Map<string, Dialog>();
  return {
    add(dialog) {
      const holder = byId.get(dialog.id);
      if (holder && holder !== dialog) return false;
      byId.set(dialog.id, dialog);
      byTags.set(keyOf(dialog.callId, dialog.localTag, dialog.remoteTag), dialog);
      return true;
    },
    byId: (id) => byId.get(id),
    find: (callId, localTag, remoteTag) => byTags.get(keyOf(callId, localTag, remoteTag)),
    remove(dialog) {
      if (byId.get(dialog.id) === dialog) byId.delete(dialog.id);
      byTags.delete(keyOf(dialog.callId, dialog.localTag, dialog.remoteTag));
    },
    all: () => [...byTags.values()],
    size: () => byId.size,
  };
}
