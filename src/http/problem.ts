/** An answer other than success, thrown by a route and turned into a response by the one error handler. */
export class Problem extends Error {
  readonly statusCode: number;
  /** snake_case, stable; what a program decides by. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Further keys of the body. */
  readonly extra: Readonly<Record<string, unknown>> = {};

  constructor(statusCode: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'Problem';
    this.statusCode = statusCode;
    this.code = code;
    this.headers = headers;
  }

  /** The same with further keys in its body. */
  with(extra: Readonly<Record<string, unknown>>): Problem {
    return Object.assign(new Problem(this.statusCode, this.code, this.message, this.headers), { extra });
  }
}

export type FieldProblem = { field: string; message: string };

type Refusal = Pick<Problem, 'code' | 'message'> & Partial<Pick<Problem, 'extra'>>;

/**
 * The body of a refusal. Its text is `detail`, always one string, which pages of the CRM show as it is; the native
 * API repeats it as `message`.
 */
export const problemBody = (isNative: boolean, refusal: Refusal, errors?: readonly FieldProblem[]) => ({
  code: refusal.code,
  ...(isNative && { message: refusal.message }),
  detail: refusal.message,
  ...(errors && { errors }),
  ...refusal.extra,
});

export const callNotFound = () => new Problem(404, 'call_not_found', 'No call has this id.');
