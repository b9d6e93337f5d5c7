/** The one place where an error becomes a response; nothing of an unexpected error leaves in it. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { isNative } from './addresses.ts';
import { callNotFound, Problem, problemBody } from './problem.ts';
import { describeFields } from './validation.ts';

const FRAMEWORK_PROBLEMS: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: new Problem(413, 'body_too_large', 'The body of the request is too large.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new Problem(415, 'unsupported_media_type', 'The body must be application/json.'),
  FST_ERR_CTP_INVALID_JSON_BODY: new Problem(400, 'invalid_body', 'The body is not valid JSON.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: new Problem(400, 'invalid_body', 'Content-Length does not fit the body.'),
  FST_ERR_BAD_URL: new Problem(404, 'not_found', 'There is nothing at this address.'),
  FST_ERR_MAX_PARAM_LENGTH: new Problem(404, 'not_found', 'There is nothing at this address.'),
};

const UNAVAILABLE = new Problem(503, 'storage_unavailable', 'The database cannot be reached at the moment.', {
  'retry-after': '5',
});

const FAULT = new Problem(500, 'internal_error', 'Something went wrong; the log has the details.');

type KnownError = Error &
  Partial<Pick<FastifyError, 'code' | 'statusCode' | 'validation' | 'validationContext'>> & {
    sqlState?: string | null;
  };

const isRefusal = (status: number | undefined): status is number =>
  status !== undefined && status >= 400 && status < 500;

/** SQLSTATE class 22, data exception: a number out of range, a character that no text may hold. */
const isUnstorable = ({ code, sqlState }: KnownError) => code === 'badData' && sqlState?.startsWith('22') === true;

const UNSTORABLE = new Problem(422, 'invalid_request', 'The request holds a value that cannot be stored.');

/** What the CRM's pages send is never a broken rule of theirs when it cannot even be read. */
const UNREADABLE = new Problem(422, 'invalid_body', 'The body is not valid JSON.');

const problemOf = (error: KnownError, url: string): Problem => {
  if (error instanceof Problem) return error;
  if (error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' && !isNative(url)) return UNREADABLE;
  if (error.code === 'unavailable') return UNAVAILABLE;
  if (isUnstorable(error)) return UNSTORABLE;
  const known = FRAMEWORK_PROBLEMS[error.code ?? ''];
  if (known) return known;
  return isRefusal(error.statusCode)
    ? new Problem(error.statusCode, 'bad_request', 'The request is malformed.')
    : FAULT;
};

const sendProblem = (reply: FastifyReply, problem: Problem) =>
  reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .send(problemBody(isNative(reply.request.url), problem));

/** Native paths hold the id of a call, and one of another form is the id of none. */
const sendInvalid = (reply: FastifyReply, { validation = [], validationContext }: KnownError) => {
  const native = isNative(reply.request.url);
  if (native && validationContext === 'params') return sendProblem(reply, callNotFound());
  const errors = describeFields(validation);
  const message = errors.map((field) => field.message).join(' ') || 'The request is not valid.';
  return reply.code(422).send(problemBody(native, { code: 'invalid_request', message }, errors));
};

/** Wrong parameters and bodies are 422; faults are logged with their request's id. */
export const handleError = (error: KnownError, request: FastifyRequest, reply: FastifyReply) => {
  if (error.validation) return sendInvalid(reply, error);
  const problem = problemOf(error, request.url);
  if (problem === FAULT) request.log.error({ err: error }, 'request failed');
  if (problem === UNAVAILABLE) request.log.warn({ err: error }, 'database unavailable');
  return sendProblem(reply, problem);
};

export const handleNotFound = (_request: FastifyRequest, reply: FastifyReply) =>
  sendProblem(reply, new Problem(404, 'not_found', 'There is nothing at this address.'));
