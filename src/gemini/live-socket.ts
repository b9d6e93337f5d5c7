/**
 * The WebSocket under the SDK. The SDK makes the connection and the set-up through it; once `setupComplete` has come,
 * frames go past the SDK, which would turn broken JSON or a throwing listener into an unhandled rejection.
 */
import { createSecureContext, type SecureContext } from 'node:tls';
import { WebSocket, type CloseEvent, type RawData } from 'ws';

/** Largest message accepted: about 250 s of audio. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

let secureContext: SecureContext | undefined;

/** One for all connections of this thread: a context of its own costs each of them 20 KB and half a millisecond. */
const secureOptions = (url: string): object =>
  url.startsWith('wss:') ? { secureContext: (secureContext ??= createSecureContext()) } : {};

export type SocketListeners = {
  /** The set-up message that the SDK sends, to be completed. */
  onSetup(message: string): string;
  /** One frame, as text. */
  onFrame(text: string): void;
  onError(error: Error): void;
  onClose(event: Pick<CloseEvent, 'code' | 'reason' | 'wasClean'>): void;
};

/** What `webSocketFactory.create` of @google/genai 3.1.0 is given; its type is not exported. */
type SdkCallbacks = {
  onopen(): void;
  onmessage(event: { data: string }): void;
  onerror(event: unknown): void;
  onclose(event: unknown): void;
};

export class LiveSocket {
  #socket: WebSocket | null = null;
  #sdk: SdkCallbacks | null = null;
  #hasOpened = false;
  readonly #listeners: SocketListeners;
  readonly #handshakeTimeoutMs: number;

  constructor(handshakeTimeoutMs: number, listeners: SocketListeners) {
    this.#handshakeTimeoutMs = handshakeTimeoutMs;
    this.#listeners = listeners;
  }

  /** For `ai.live.webSocketFactory`. */
  readonly factory = {
    create: (url: string, headers: Record<string, string>, callbacks: SdkCallbacks) => ({
      connect: () => this.#connect(url, headers, callbacks),
      send: (message: string) => this.send(this.#listeners.onSetup(message)),
      close: () => this.close(1000),
    }),
  };

  get isCreated(): boolean {
    return this.#socket !== null;
  }

  /** The WebSocket handshake succeeded, whatever came later. */
  get hasOpened(): boolean {
    return this.#hasOpened;
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Hands `setupComplete` to the SDK. Its part is over then, and what it holds is let go. */
  passToSdk(text: string): void {
    this.#sdk?.onmessage({ data: text });
    this.#sdk = null;
  }

  send(message: string): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    // Bytes, other than text, leave in one piece with the frame's header: one write and one TLS record.
    this.#socket.send(bytesOf(message), { binary: false });
  }

  close(code: number): void {
    this.#socket?.close(code);
  }

  terminate(): void {
    this.#socket?.terminate();
  }

  #connect(url: string, headers: Record<string, string>, sdk: SdkCallbacks): void {
    const socket = new WebSocket(url, {
      ...secureOptions(url),
      headers,
      perMessageDeflate: false,
      handshakeTimeout: this.#handshakeTimeoutMs,
      maxPayload: MAX_PAYLOAD_BYTES,
    });
    this.#socket = socket;
    this.#sdk = sdk;
    socket.on('open', () => {
      this.#hasOpened = true;
      this.#sdk?.onopen();
    });
    socket.on('message', (data) => this.#listeners.onFrame(textOf(data)));
    socket.on('error', (error) => this.#listeners.onError(error));
    socket.addEventListener('close', (event) => {
      this.#listeners.onClose(event);
      this.#sdk?.onclose(event);
      this.#sdk = null;
    });
  }
}

/** `ws` copies what it is given when it masks it, so that one buffer serves every message of this thread. */
const scratch = Buffer.allocUnsafeSlow(32 * 1024);
const UTF8_BYTES_PER_UNIT = 3;

const bytesOf = (text: string): Buffer => {
  if (text.length * UTF8_BYTES_PER_UNIT > scratch.length) return Buffer.from(text);
  return scratch.subarray(0, scratch.write(text));
};

/** Text and binary frames both carry JSON; `binaryType` is left at `nodebuffer`. */
const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString() : '');
