/** The part of the HTTP API that the demo and the end-to-end tests read, as an outsider would. */

export type ApiTransition = {
  seq: number;
  at: string;
  epoch: number;
  actorPath: string;
  eventType: string;
  event: { statistics?: Record<string, number | null> | null } | null;
  fromState: string | null;
  toState: string;
  ignored: boolean;
};

export type ApiSegment = {
  index: number;
  speaker: 'agent' | 'user';
  text: string;
  startMs: number;
  endMs: number;
  interrupted: boolean;
};

export type ApiCall = {
  callId: string;
  status: string;
  cause: string | null;
  sipCallId?: string | null;
  callerNumber: string | null;
  calledNumber: string | null;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
};

export type ApiCallDetail = ApiCall & {
  sipCallId: string | null;
  recording: { state: string; durationMs: number | null; channels: string[]; failureCode: string | null } | null;
  ledger: { endedAt: string; leaked: string[] } | null;
};

export type ApiEvent = { name: string; data: Record<string, unknown> };

export type ApiClient = {
  calls(): Promise<ApiCall[]>;
  call(callId: string): Promise<ApiCallDetail>;
  timeline(callId: string): Promise<ApiTransition[]>;
  transcript(callId: string): Promise<ApiSegment[]>;
  recording(callId: string, channel: string): Promise<{ status: number; bytes: Buffer }>;
  health(): Promise<Record<string, unknown>>;
  /** Live events until the returned function is called; resolves when the stream is open. */
  follow(onEvent: (event: ApiEvent) => void): Promise<() => void>;
};

const PAGE = 500;
const TIMELINE_PAGE = 1_000;

const readEvents = async (body: ReadableStream<Uint8Array>, onEvent: (event: ApiEvent) => void): Promise<void> => {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of body) {
    const blocks = (pending + decoder.decode(chunk, { stream: true })).split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const name = /^event: ?(.*)$/m.exec(block)?.[1];
      const data = /^data: ?(.*)$/m.exec(block)?.[1];
      if (name !== undefined && data !== undefined)
        onEvent({ name, data: JSON.parse(data) as Record<string, unknown> });
    }
  }
};

export const createApiClient = (http: string, token: string): ApiClient => {
  const headers = { authorization: `Bearer ${token}` };
  const get = async <Body>(path: string): Promise<Body> => {
    const response = await fetch(`${http}${path}`, { headers });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Body;
  };
  const pages = async <Item>(path: string, field: string): Promise<Item[]> => {
    const items: Item[] = [];
    let cursor = '';
    do {
      const page = await get<Record<string, unknown>>(`${path}${cursor}`);
      items.push(...(page[field] as Item[]));
      cursor = typeof page['nextCursor'] === 'string' ? `&cursor=${encodeURIComponent(page['nextCursor'])}` : '';
    } while (cursor !== '');
    return items;
  };

  return {
    calls: () => pages<ApiCall>(`/api/v1/calls?limit=${PAGE}`, 'calls'),
    call: (callId) => get<ApiCallDetail>(`/api/v1/calls/${callId}`),
    timeline: (callId) =>
      pages<ApiTransition>(`/api/v1/calls/${callId}/timeline?limit=${TIMELINE_PAGE}`, 'transitions'),
    transcript: async (callId) =>
      (await get<{ segments: ApiSegment[] }>(`/api/v1/calls/${callId}/transcript`)).segments,
    recording: async (callId, channel) => {
      const response = await fetch(`${http}/api/v1/calls/${callId}/recording?channel=${channel}`, { headers });
      return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
    },
    health: () => get<Record<string, unknown>>('/api/v1/health'),
    follow: async (onEvent) => {
      const ending = new AbortController();
      const response = await fetch(`${http}/api/v1/events`, { headers, signal: ending.signal });
      if (!response.ok || !response.body) throw new Error(`GET /api/v1/events answered ${response.status}`);
      // Ends by our own abort, or with the application.
      readEvents(response.body, onEvent).catch(() => undefined);
      return () => ending.abort();
    },
  };
};
