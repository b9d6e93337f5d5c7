import type { LiveConnection, LiveConnectionEvents, OpenLiveConnection } from '#domain/live-connection.ts';
import type { LiveSessionSettings, ToolResponse } from '#domain/media-protocol.ts';

/** A model connection under the test's control; opens at once unless told otherwise. */
export class FakeLive implements LiveConnection {
  readonly audio: { pcm: Int16Array; at: number }[] = [];
  readonly texts: string[] = [];
  readonly toolResponses: ToolResponse[] = [];
  bufferedBytes = 0;
  isTerminated = false;
  #isClosed = false;
  readonly settings: LiveSessionSettings;
  readonly events: LiveConnectionEvents;

  constructor(settings: LiveSessionSettings, events: LiveConnectionEvents) {
    this.settings = settings;
    this.events = events;
  }

  sendAudio(pcm16k: Int16Array): void {
    this.audio.push({ pcm: pcm16k.slice(), at: performance.now() });
  }

  sendText(text: string): void {
    this.texts.push(text);
  }

  sendToolResponses(responses: readonly ToolResponse[]): void {
    this.toolResponses.push(...responses);
  }

  close(): void {
    this.end(1000);
  }

  terminate(): void {
    this.isTerminated = true;
    this.end(1006);
  }

  end(code: number, reason = ''): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.events.onClose({ by: 'closed', code, reason, wasClean: code === 1000 });
  }

  /** All audio received, as one array of 16 kHz samples. */
  heard(): Int16Array {
    const all = new Int16Array(this.audio.reduce((sum, { pcm }) => sum + pcm.length, 0));
    let at = 0;
    for (const { pcm } of this.audio) {
      all.set(pcm, at);
      at += pcm.length;
    }
    return all;
  }
}

export const createFakeLives = () => {
  const connections: FakeLive[] = [];
  const open: OpenLiveConnection = (settings, events) => {
    const live = new FakeLive(settings, events);
    connections.push(live);
    queueMicrotask(() => events.onOpen());
    return live;
  };
  return { connections, open };
};
