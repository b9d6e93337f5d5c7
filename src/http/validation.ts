/**
 * Checks requests against TypeBox schemas. Bodies are taken as they are (`null` stays `null`); only whole numbers and
 * booleans in a path or query, which arrive as text, are read first. `""` and `1.5` are no integers.
 */
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import { Compile } from 'typebox/compile';
import type { TSchema } from 'typebox';
import type { FieldProblem } from './problem.ts';

type Properties = Record<string, { type?: unknown; default?: unknown }>;

const INTEGER = /^-?(0|[1-9]\d{0,14})$/;

const readText = (type: unknown, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (type === 'integer' && INTEGER.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
};

const readTexts = (properties: Properties, given: unknown): Record<string, unknown> => {
  const values: Record<string, unknown> = { ...(given as Record<string, unknown>) };
  for (const [name, { type, default: fallback }] of Object.entries(properties)) {
    if (values[name] !== undefined) values[name] = readText(type, values[name]);
    else if (fallback !== undefined) values[name] = fallback;
  }
  return values;
};

/** Compiled with its first request: all of them together would hold the control thread up for a second at the start. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let compiled: ReturnType<typeof Compile<TSchema>> | null = null;
  const properties = (schema as { properties?: Properties }).properties ?? {};
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : readTexts(properties, given);
    const check = (compiled ??= Compile(schema));
    return check.Check(value) ? { value } : { error: check.Errors(value) };
  };
};

type Limit = { limit?: unknown };

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': 'must be a time with zone, such as 2025-12-01T12:00:00Z',
  email: 'must be an e-mail address',
};

const DESCRIBE: Readonly<Record<string, (params: Record<string, unknown>) => string>> = {
  type: ({ type }) => `must be ${type === 'integer' ? 'a whole number' : `a ${String(type)}`} and given once`,
  enum: ({ allowedValues }) => `must be one of ${(allowedValues as string[]).join(', ')}`,
  minimum: ({ limit }: Limit) => `must be ${String(limit)} or more`,
  maximum: ({ limit }: Limit) => `must be ${String(limit)} or less`,
  maxLength: ({ limit }: Limit) => `must have at most ${String(limit)} characters`,
  minLength: ({ limit }: Limit) => `must have at least ${String(limit)} characters`,
  format: ({ format }) => FORMATS[String(format)] ?? `must be a ${String(format)}`,
  boolean: () => 'is not known here',
  pattern: () => 'has the wrong form',
  required: () => 'is missing',
};

const describe = ({ keyword, instancePath, params }: FastifySchemaValidationError): FieldProblem[] => {
  const path = instancePath.slice(1).replaceAll('/', '.');
  const missing = keyword === 'required' ? (params as { requiredProperties?: string[] }).requiredProperties : undefined;
  const fields = missing ? missing.map((name) => (path === '' ? name : `${path}.${name}`)) : [path || 'request'];
  return fields.map((field) => ({ field, message: `${field} ${DESCRIBE[keyword]?.(params) ?? 'is not valid'}.` }));
};

/** One sentence for each wrong field; the values themselves are not repeated. */
export const describeFields = (errors: readonly FastifySchemaValidationError[]): FieldProblem[] => {
  const byField = new Map<string, FieldProblem>();
  for (const error of errors) {
    // Comes beside the `boolean` error that names the field.
    if (error.keyword === 'additionalProperties') continue;
    for (const problem of describe(error)) {
      if (!byField.has(problem.field)) byField.set(problem.field, problem);
    }
  }
  return [...byField.values()];
};
