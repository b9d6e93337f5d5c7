/** An answer other than success, thrown by a route and turned into a response by the one error handler. */
export class Problem extends Error {
  readonly statusCode: number;
  /** snake_case, stable; what a program decides by. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(statusCode: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'Problem';
    this.statusCode = statusCode;
    this.code = code;
    this.headers = headers;
  }
}

export type FieldProblem = { field: string; message: string };

/** `detail` repeats `message`: it is the key under which existing clients look for the text, so always a string. */
export const problemBody = (code: string, message: string, errors?: readonly FieldProblem[]) => ({
  code,
  message,
  detail: message,
  ...(errors ? { errors } : {}),
});

export const callNotFound = () => new Problem(404, 'call_not_found', 'No call has this id.');
