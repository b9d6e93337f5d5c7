/** Server-sent events read with `fetch`, as `EventSource` cannot send the token in a header. Reconnects by itself. */
import { authorization, token } from './client.ts';

export type LiveEvent = { id: string | null; type: string; data: unknown };
export type StreamState = 'connecting' | 'open' | 'lost';

type Listeners = { onEvent: (event: LiveEvent) => void; onState: (state: StreamState) => void };

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

const parseFrame = (frame: string): LiveEvent | null => {
  const event: { id: string | null; type: string; lines: string[] } = { id: null, type: 'message', lines: [] };
  for (const line of frame.split('\n')) {
    const at = line.indexOf(':');
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (field === 'id') event.id = value;
    else if (field === 'event') event.type = value;
    else if (field === 'data') event.lines.push(value);
  }
  if (event.lines.length === 0) return null;
  return { id: event.id, type: event.type, data: JSON.parse(event.lines.join('\n')) as unknown };
};

const readFrames = async (body: ReadableStream<Uint8Array>, onFrame: (frame: string) => void): Promise<void> => {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let pending = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    pending += value;
    const frames = pending.split('\n\n');
    pending = frames.pop() ?? '';
    for (const frame of frames) onFrame(frame);
  }
};

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Listens until it is told to stop. */
export const listen = (path: string, { onEvent, onState }: Listeners): (() => void) => {
  const stop = new AbortController();
  let lastId: string | null = null;
  let waitMs = FIRST_WAIT_MS;

  const connect = async (): Promise<void> => {
    const response = await fetch(path, {
      headers: { ...authorization(), ...(lastId === null ? {} : { 'last-event-id': lastId }) },
      signal: stop.signal,
    });
    // Whoever is not known any more is to log in again.
    if (response.status === 401) token.set(null);
    if (!response.ok || !response.body) throw new Error(`The stream was refused with ${response.status}.`);
    onState('open');
    waitMs = FIRST_WAIT_MS;
    await readFrames(response.body, (frame) => {
      const event = parseFrame(frame);
      if (!event) return;
      lastId = event.id ?? lastId;
      onEvent(event);
    });
  };

  const run = async (): Promise<void> => {
    onState('connecting');
    while (!stop.signal.aborted) {
      await connect().catch(() => {});
      if (stop.signal.aborted) return;
      onState('lost');
      await wait(waitMs, stop.signal);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    }
  };
  void run();
  return () => stop.abort();
};
