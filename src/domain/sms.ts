/** Short messages. Pure types; implemented in `src/sms`. */

export type SmsMessage = {
  /** E.164. */
  to: string;
  text: string;
  /** Of the SIM card that sends it. */
  gateSlot: number;
};

export type SmsErrorCode =
  /** The gateway answered, but not with success. */
  | 'refused'
  /** It cannot be reached, or is not who it claims to be. */
  | 'unreachable'
  | 'timeout'
  /** The message could not be written down. */
  | 'notWritten';

export class SmsError extends Error {
  readonly code: SmsErrorCode;

  constructor(code: SmsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SmsError';
    this.code = code;
  }
}

export interface SmsProvider {
  /** Resolves when the message was taken. Rejects with `SmsError`. */
  send(message: SmsMessage): Promise<void>;
}
