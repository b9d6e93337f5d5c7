import type { AppConnection } from '#sip/server/control/app-connection.ts';
import type { AppCommand } from '#sip/server/control/command.ts';
import type { Dialog } from '#sip/server/dialogs/dialog.ts';
import type { PendingRequest } from '#sip/server/uas/pending-requests.ts';

/** Why an application may not act in a dialog. */
export const CLAIMED = 'Server error: the dialog is claimed by another connection';

/** How a dialog ended. */
export type DialogEnd = {
  /** Who ended it: the peer, or our side. */
  source: 'network' | 'application';
  reason: string;
  /** Text of the BYE. */
  text: string;
};

/** Which application a dialog belongs to, and what is done for it while that application is not there. */
export type Owners = {
  /** A command came over this connection. */
  heard(connection: AppConnection): void;
  /** The connection has closed; its dialogs and unanswered requests stay. */
  gone(connection: AppConnection): void;
  isAbsent(connection: AppConnection | null): boolean;
  /** False: another connection has claimed the dialog (or the INVITE that is about to make it). */
  mayUse(subject: { claim: Dialog['claim'] }, connection: AppConnection): boolean;
  /** An application acted in the dialog. */
  used(dialog: Dialog, connection: AppConnection): void;
  /** An application answers a request, which makes or continues a dialog. */
  answers(request: PendingRequest, connection: AppConnection): void;
  /** A request outside of a dialog was given to an application. */
  given(request: PendingRequest): void;
  /** Gives a request in a dialog to the owner, or waits for one. */
  deliver(request: PendingRequest): void;
  /** As `deliver`, for the BYE that has ended the dialog. */
  deliverBye(request: PendingRequest, dialog: Dialog): void;
  /** Tells the owner something that expects no answer, or keeps it for the next one. */
  tell(dialog: Dialog, frame: string): void;
  /** The peer has cancelled an INVITE, which is answered. */
  cancelled(request: PendingRequest, dialogId: string, frame: string): void;
  /** The server has ended the dialog by itself; `frame` is the unsolicited BYE. */
  endedByServer(dialog: Dialog, frame: string, end: Pick<DialogEnd, 'reason' | 'text'>): void;
  /** The peer has answered an application's BYE, whose text this is. */
  endedByApp(text: string): void;
  /** Executes the command `claim`; null where there is none. */
  claim: ((connection: AppConnection, command: AppCommand) => void) | null;
  stop(): void;
};
