/** One application, as transactions and dialogs know it. */
export type AppConnection = {
  isOpen(): boolean;
  /** Sends one payload as a frame; nothing happens when the connection is gone. */
  send(payload: string): void;
};
