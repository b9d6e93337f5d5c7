/**
 * Calls the API with the types of its OpenAPI document: `createApiClient({ baseUrl, token })`, then an operation by its
 * id. Needs nothing but `fetch`, so it runs in browsers and in Node.
 */
import { OPERATIONS, type Operations } from './operations.ts';

export type OperationName = keyof Operations;
type Input<Name extends OperationName> = Operations[Name]['input'];
type HasRequired<T> = { [Key in keyof T]-?: Pick<T, Key> extends Required<Pick<T, Key>> ? Key : never }[keyof T];
type Given<Name extends OperationName> = [HasRequired<Input<Name>>] extends [never] ? [Input<Name>?] : [Input<Name>];

export type ApiClient = {
  [Name in OperationName]: (...given: Given<Name>) => Promise<Operations[Name]['answer']>;
};

export type ApiClientOptions = {
  /** Such as `http://localhost:8000`; empty in a page of the same origin. */
  baseUrl: string;
  /** Asked before each request, as tokens change; null: without one. */
  token?: () => string | null;
  fetch?: typeof fetch;
};

/** An answer that is no success. `detail` can be shown, `code` decided by. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    const { detail, code } = (body ?? {}) as { detail?: unknown; code?: unknown };
    super(typeof detail === 'string' ? detail : `The API answered ${status}.`);
    this.name = 'ApiError';
    this.status = status;
    this.code = typeof code === 'string' ? code : null;
    this.body = body;
  }
}

type Plain = string | number | boolean;
type AnyInput = { path?: Record<string, Plain>; query?: Record<string, Plain | null | undefined>; body?: unknown };

const addressOf = (template: string, { path = {}, query = {} }: AnyInput): string => {
  const address = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null) asked.set(name, String(value));
  return asked.size > 0 ? `${address}?${asked.toString()}` : address;
};

const bodyOf = ({ body }: AnyInput): { body: FormData | string; headers: Record<string, string> } | null => {
  if (body === undefined) return null;
  if (body instanceof FormData) return { body, headers: {} };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
};

const readJson = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
};

/** Each operation rejects with `ApiError` for an answer that is no success, and with what `fetch` throws otherwise. */
export const createApiClient = ({ baseUrl, token, fetch: send = fetch }: ApiClientOptions): ApiClient => {
  const call = async (name: OperationName, given: AnyInput = {}): Promise<unknown> => {
    const { method, path, isJson } = OPERATIONS[name];
    const sent = bodyOf(given);
    const bearer = token?.() ?? null;
    const headers = { ...sent?.headers, ...(bearer !== null && { authorization: `Bearer ${bearer}` }) };
    const response = await send(`${baseUrl}${addressOf(path, given)}`, {
      method,
      headers,
      ...(sent && { body: sent.body }),
    });
    if (!response.ok) throw new ApiError(response.status, await readJson(response));
    return isJson ? readJson(response) : response;
  };
  const names = Object.keys(OPERATIONS) as OperationName[];
  return Object.fromEntries(
    names.map((name) => [name, (given?: AnyInput) => call(name, given)]),
  ) as unknown as ApiClient;
};
