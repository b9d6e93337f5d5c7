/** Where messages go and come from. */

/** TLS joins here later. */
export type Protocol = 'udp' | 'tcp';
export type Address = { host: string; port: number };

/** A path to one peer: a datagram socket with an address, or a connection. */
export type Flow = {
  protocol: Protocol;
  /** The listening address of the transport, also for a connection opened by us. */
  local: Address;
  remote: Address;
  isOpen(): boolean;
  /** Sends one message; `failed` is called at most once, later, when it could not be. */
  send(text: string, failed: (error: Error) => void): void;
};

/** Called with each whole message; `isBroken`: the head of one whose end cannot be found. */
export type Receive = (text: string, flow: Flow, isBroken?: boolean) => void;

export type Transport = {
  protocol: Protocol;
  /** Bound address; the port is the real one when 0 was asked for. */
  local: Address;
  flowTo(remote: Address): Flow;
  close(): Promise<void>;
};

export type Listen = { protocol: Protocol; host: string; port: number };

/** A SIP or control port could not be opened. `code` is the system's, e.g. `EADDRINUSE`. */
export class ListenError extends Error {
  readonly code: string;

  constructor(what: string, cause: Error & { code?: string }) {
    const why = cause.code === 'EADDRINUSE' ? 'the address is in use by another program' : cause.message;
    super(`Cannot listen on ${what}: ${why}.`, { cause });
    this.name = 'ListenError';
    this.code = cause.code ?? 'unknown';
  }
}
