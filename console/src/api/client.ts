/** Requests to the application that serves this page. The token lives in this browser's storage until it is refused. */

const TOKEN_KEY = 'trunkline.token';

/** An answer other than success; `message` is a sentence for people. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;

  constructor(status: number, message: string, code: string | null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

const listeners = new Set<() => void>();

export const token = {
  get: (): string | null => localStorage.getItem(TOKEN_KEY),
  set: (value: string | null): void => {
    if (value === null) localStorage.removeItem(TOKEN_KEY);
    else localStorage.setItem(TOKEN_KEY, value);
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export const authorization = (): Record<string, string> => {
  const held = token.get();
  return held === null ? {} : { authorization: `Bearer ${held}` };
};

const textOf = async (response: Response): Promise<{ message: string; code: string | null }> => {
  try {
    const body = (await response.json()) as { detail?: unknown; code?: unknown };
    return {
      message: typeof body.detail === 'string' ? body.detail : response.statusText,
      code: typeof body.code === 'string' ? body.code : null,
    };
  } catch {
    return { message: `The server answered ${response.status}.`, code: null };
  }
};

type RequestOptions = { method?: string; body?: unknown; signal?: AbortSignal };

const bodyOf = (body: unknown): { body?: BodyInit; headers?: Record<string, string> } => {
  if (body === undefined) return {};
  if (body instanceof FormData) return { body };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
};

const send = async (path: string, { method = 'GET', body, signal }: RequestOptions): Promise<Response> => {
  const content = bodyOf(body);
  try {
    return await fetch(path, {
      method,
      ...content,
      headers: { ...authorization(), ...content.headers },
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The application cannot be reached.', null);
  }
};

/** Resolves with the JSON body. Rejects with `ApiError`; a refused token is forgotten, which shows the log-in page. */
export const request = async <T>(path: string, options: RequestOptions = {}): Promise<T> => {
  const response = await send(path, options);
  if (response.ok) return (await response.json()) as T;
  const { message, code } = await textOf(response);
  if (response.status === 401 && path !== '/api/auth/login') token.set(null);
  throw new ApiError(response.status, message, code);
};

/** For audio: the bytes. Rejects like `request`. */
export const requestBytes = async (path: string, signal?: AbortSignal): Promise<ArrayBuffer> => {
  const response = await send(path, signal ? { signal } : {});
  if (response.ok) return response.arrayBuffer();
  const { message, code } = await textOf(response);
  throw new ApiError(response.status, message, code);
};
