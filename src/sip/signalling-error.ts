/** Why the SIP side could not do what it was asked; the only error that leaves `src/sip`. */

export type SignallingErrorCode =
  /** The transaction is answered, cancelled or timed out. */
  | 'transactionGone'
  | 'dialogGone'
  /** The control connection to the SIP server is down. */
  | 'unreachable'
  /** This process stood still, and does not know yet which calls are still its own. */
  | 'suspended'
  /** The SIP server refused our secret. */
  | 'unauthorised'
  /** The offer has nothing that we can answer with this RTP address. */
  | 'mediaRefused'
  /** The SIP server rejected the command for another reason. */
  | 'rejected';

export class SignallingError extends Error {
  override readonly name = 'SignallingError';
  readonly code: SignallingErrorCode;

  constructor(code: SignallingErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Translates what drachtio-srf and the SIP server say (`drachtio` control protocol, asynchronous `NOK` texts). */
export const signallingErrorOf = (fault: unknown): SignallingError => {
  if (fault instanceof SignallingError) return fault;
  const message = fault instanceof Error ? fault.message : String(fault);
  return new SignallingError(codeOf(message), message, { cause: fault });
};

const CODES: readonly [RegExp, SignallingErrorCode][] = [
  [/unable to find dialog|claimed by another/i, 'dialogGone'],
  [/unknown transaction|final response already sent/i, 'transactionGone'],
  [/socket|connection|closed|destroyed|not connected/i, 'unreachable'],
];

const codeOf = (message: string): SignallingErrorCode =>
  CODES.find(([pattern]) => pattern.test(message))?.[1] ?? 'rejected';
