/** Parts of schemas that several routes share. */
import { Type, type Static, type TSchema } from 'typebox';
import { CALL_ID_PATTERN, type CallId } from '#domain/call.ts';

/**
 * For responses. Adds null to `type` or `enum`: of a union the serialiser would compile a validator at the first
 * response, which holds up the control thread for a quarter of a second.
 */
export const nullable = <T extends TSchema>(schema: T) => {
  const { type, enum: values } = schema as { type?: string; enum?: unknown[] };
  return Type.Unsafe<Static<T> | null>(
    values ? { ...schema, enum: [...values, null] } : { ...schema, type: [type, 'null'] },
  );
};

export const Timestamp = Type.String({ format: 'date-time', description: 'UTC, ISO 8601, ends in Z.' });

export const CallIdText = Type.Unsafe<CallId>(
  Type.String({
    pattern: CALL_ID_PATTERN.source,
    description: 'UUID v4 in lower case.',
    examples: ['417252eb-ca15-4ca7-b518-a5e053ad59d1'],
  }),
);

export const CallParams = Type.Object({ callId: CallIdText });

export const ProblemBody = Type.Object(
  {
    code: Type.String({ description: 'Stable; decide by this.', examples: ['call_not_found'] }),
    message: Type.String({ description: 'One readable sentence.' }),
    detail: Type.String({ description: 'The same text as `message`.' }),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
  },
  { title: 'Problem' },
);

export const REASONS = {
  400: 'Not possible: a rule says no; `detail` says which.',
  401: 'The token is missing, wrong or expired.',
  403: 'Not for this user: role, account, subscription or owner; `detail` says which.',
  404: 'Nothing has this id, or there is nothing of this kind for it.',
  409: 'Not possible in the state that it is in.',
  416: 'The range lies outside the file.',
  422: 'A parameter is wrong; `errors` names it.',
  413: 'The body is too large.',
  429: 'Too often; `Retry-After` says when again.',
  502: 'A service behind this one refused or failed.',
  503: 'The database, or what the request needs, cannot be reached now.',
  504: 'A service behind this one did not answer in time.',
} as const;

export type Refusal = keyof typeof REASONS;

/** Response schemas of the statuses that a route may refuse with. */
export const problems = <S extends Refusal>(...statuses: readonly S[]) =>
  Object.fromEntries(
    statuses.map((status) => [status, Type.Object(ProblemBody.properties, { description: REASONS[status] })]),
  ) as Record<S, typeof ProblemBody>;
