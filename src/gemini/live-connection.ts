/**
 * One Gemini Live connection: the SDK connects and sets up, `LiveSocket` carries. Works in any thread, never throws,
 * and reports its end exactly once. Reasons never contain the API key.
 */
import { GoogleGenAI } from '@google/genai';
import type { LiveConnection, LiveConnectionEvents, OpenLiveConnection } from '#domain/live-connection.ts';
import type { LiveSessionSettings, ModelCloseCode, ToolResponse } from '#domain/media-protocol.ts';
import { encodeAudioInput } from './audio-frame.ts';
import { withRemedy, withoutSecret } from './close-reason.ts';
import { toLiveConfig } from './live-config.ts';
import { announceHistory, historyMessage } from './live-history.ts';
import { LiveSocket } from './live-socket.ts';
import { dispatchServerMessage, parseServerMessage, ServerMessageError } from './server-message.ts';

const DEFAULT_BASE_URL = 'https://generativelanguage.googleapis.com';
/** How long the server has to answer our close when it broke the protocol. */
const ABANDON_DEADLINE_MS = 1000;
const ABNORMAL_CLOSURE = 1006;

type State = 'connecting' | 'open' | 'closing' | 'closed';
type End = { by: ModelCloseCode; code?: number; reason?: string };
type CloseReport = { code: number; reason: string; wasClean: boolean };

/** Opens a connection; everything that happens is told through `events`, also a failure to open. */
export const openLiveConnection: OpenLiveConnection = (settings, events) => new GeminiLiveConnection(settings, events);

class GeminiLiveConnection implements LiveConnection {
  readonly #settings: LiveSessionSettings;
  readonly #events: LiveConnectionEvents;
  readonly #socket: LiveSocket;
  readonly #connectTimer: NodeJS.Timeout;
  #closeTimer: NodeJS.Timeout | undefined;
  #state: State = 'connecting';
  #wasOpen = false;
  /** The first cause wins; what the socket reports afterwards is its consequence. */
  #end: End | null = null;
  #socketError: Error | null = null;

  constructor(settings: LiveSessionSettings, events: LiveConnectionEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#socket = new LiveSocket(settings.connectTimeoutMs, {
      onSetup: (message) => announceHistory(message, settings),
      onFrame: (text) => this.#receive(text),
      onError: (error) => this.#noteError(error),
      onClose: (event) => this.#finish(event),
    });
    this.#connectTimer = setTimeout(() => this.#timeOut(), settings.connectTimeoutMs);
    void this.#connect();
  }

  get bufferedBytes(): number {
    return this.#state === 'open' ? this.#socket.bufferedBytes : 0;
  }

  sendAudio(pcm16k: Int16Array): void {
    if (this.#state === 'open') this.#socket.send(encodeAudioInput(pcm16k));
  }

  sendText(text: string): void {
    if (this.#state === 'open') this.#socket.send(JSON.stringify({ realtimeInput: { text } }));
  }

  sendToolResponses(responses: readonly ToolResponse[]): void {
    if (this.#state !== 'open' || responses.length === 0) return;
    this.#socket.send(JSON.stringify({ toolResponse: { functionResponses: responses } }));
  }

  close(deadlineMs: number): void {
    this.#beginEnd({ by: 'local' }, 1000, deadlineMs);
  }

  terminate(): void {
    this.#beginEnd({ by: 'local' }, 1000, 0);
  }

  async #connect(): Promise<void> {
    const { apiKey, baseUrl, apiVersion, model } = this.#settings;
    try {
      if (apiKey === '') throw new Error('No API key is set.');
      // Given in full, so that the SDK takes nothing from the environment.
      const httpOptions = { baseUrl: baseUrl ?? DEFAULT_BASE_URL, apiVersion };
      const { live } = new GoogleGenAI({ apiKey, vertexai: false, httpOptions });
      Object.assign(live, { webSocketFactory: this.#socket.factory });
      await live.connect({ model, config: toLiveConfig(this.#settings), callbacks: { onmessage: () => {} } });
    } catch (error) {
      this.#failToConnect(error instanceof Error ? error.message : String(error));
    }
  }

  /** The SDK's rejection. Where a socket exists its own events have mostly said why before. */
  #failToConnect(reason: string): void {
    if (this.#socket.isCreated) return this.#beginEnd({ by: 'connectFailed', reason }, 1000, 0);
    this.#end ??= { by: 'connectFailed', reason };
    // Not before the caller holds the connection.
    queueMicrotask(() => this.#finish({ code: ABNORMAL_CLOSURE, reason, wasClean: false }));
  }

  #timeOut(): void {
    const reason = `The session was not set up within ${this.#settings.connectTimeoutMs} ms.`;
    this.#beginEnd({ by: 'connectTimeout', reason }, 1000, 0);
  }

  #receive(text: string): void {
    if (this.#state !== 'connecting' && this.#state !== 'open') return;
    try {
      const message = parseServerMessage(text);
      if (message.setupComplete && this.#state === 'connecting') this.#open(text);
      if (this.#state === 'open') dispatchServerMessage(message, this.#events);
    } catch (error) {
      this.#abandon(error);
    }
  }

  #open(text: string): void {
    clearTimeout(this.#connectTimer);
    this.#state = 'open';
    this.#wasOpen = true;
    this.#socket.passToSdk(text);
    const history = historyMessage(this.#settings);
    if (history !== null) this.#socket.send(history);
    this.#events.onOpen();
  }

  /** Broken input, or a listener that threw: this connection ends, no other is touched. */
  #abandon(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof ServerMessageError) this.#refuse(1007, reason);
    else this.#refuse(1011, `A listener failed: ${reason}`);
  }

  /** `ws` gives its own codes to frames it refuses; the rest is the network's, and the close follows by itself. */
  #noteError(error: Error & { code?: string }): void {
    this.#socketError = error;
    if (error.code?.startsWith('WS_ERR_')) this.#refuse(1002, error.message);
  }

  #refuse(code: number, reason: string): void {
    this.#beginEnd({ by: 'protocolError', code, reason }, code, ABANDON_DEADLINE_MS);
  }

  #beginEnd(end: End, code: number, deadlineMs: number): void {
    if (this.#state === 'closed') return;
    this.#end ??= end;
    this.#state = 'closing';
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#closeTimer);
    if (!this.#socket.isCreated) return;
    if (deadlineMs <= 0) return this.#socket.terminate();
    this.#closeTimer = setTimeout(() => this.#socket.terminate(), deadlineMs);
    this.#socket.close(code);
  }

  #finish(report: CloseReport): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#closeTimer);
    const end: End = this.#end ?? this.#endOf(report);
    const reason = end.reason ?? report.reason;
    try {
      this.#events.onClose({
        by: end.by,
        code: end.code ?? report.code,
        reason: withoutSecret(this.#wasOpen ? reason : withRemedy(reason), this.#settings.apiKey),
        wasClean: report.wasClean,
      });
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error), { code: 'LIVE_LISTENER_FAILED' });
    }
  }

  /** The end that nobody here asked for. An error before the socket opened means that it never did. */
  #endOf(report: CloseReport): End {
    if (!this.#socketError) return { by: 'closed' };
    const reason = report.reason || this.#socketError.message;
    return this.#wasOpen || this.#socket.hasOpened ? { by: 'closed', reason } : { by: 'connectFailed', reason };
  }
}
