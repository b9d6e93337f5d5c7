/** Finds a port pair for a leg, or binds the one it had, and gives it back when its sockets are closed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { MediaAddress } from '#domain/media.ts';
import type { PortAllocator } from '#media/rtp/port-allocator.ts';
import { LegSocketError, openLegSockets, type Datagram, type LegSockets } from './leg-sockets.ts';

export class PortsExhaustedError extends Error {
  readonly code = 'portsExhausted';
}

/** Another application may use the lower part of the same range: its ports are passed by, each in well under a millisecond. */
const MAX_TRIES = 256;
/** The sockets of a process or thread that has just gone are closed within this time. */
const REBIND_MS = 1_000;
const REBIND_EVERY_MS = 20;

export type LegPorts = {
  host: string;
  allocator: PortAllocator;
  now: () => number;
};

type Listeners = { onRtp: Datagram; onRtcp: Datagram };

const bindTaken = async (
  { allocator, now }: LegPorts,
  { host, port }: MediaAddress,
  listeners: Listeners,
): Promise<LegSockets> => {
  try {
    const sockets = await openLegSockets(port, { host, ...listeners });
    return {
      ...sockets,
      close: async () => {
        await sockets.close();
        allocator.release(port, now());
      },
    };
  } catch (error) {
    // Somebody else's port: it rests like a used one.
    allocator.release(port, now());
    throw error;
  }
};

/** Rejects with `PortsExhaustedError`, or with the error of the last pair that could not be bound. */
const bindLeg = async (ports: LegPorts, listeners: Listeners): Promise<LegSockets> => {
  let failure: unknown = null;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = ports.allocator.take(ports.now());
    if (port === null) throw failure ?? new PortsExhaustedError('No RTP port is free.');
    try {
      return await bindTaken(ports, { host: ports.host, port }, listeners);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
};

/**
 * Binds exactly `address` and the next port, at rest or not. While they are taken it tries again, for a second at most
 * and as long as `isWanted`. Rejects with `LegSocketError`.
 */
const rebindLeg = async (
  ports: LegPorts,
  address: MediaAddress,
  listeners: Listeners,
  isWanted: () => boolean,
): Promise<LegSockets> => {
  const deadline = ports.now() + REBIND_MS;
  for (;;) {
    try {
      if (ports.allocator.claim(address.port)) return await bindTaken(ports, address, listeners);
      if (ports.now() >= deadline) throw new LegSocketError(`Port ${address.port} is held by another call.`);
    } catch (error) {
      if (ports.now() >= deadline) throw error;
    }
    if (!isWanted()) throw new LegSocketError(`Port ${address.port} is not wanted any more.`);
    await delay(REBIND_EVERY_MS);
  }
};

/**
 * Binds the address that the leg had, or the next best pair where that is not to be had, or where it had none.
 * `hasMoved`: it had another one. Rejects like `bindLeg`, or when the leg is not wanted any more.
 */
export const bindAnywhere = async (
  ports: LegPorts,
  had: MediaAddress | null,
  listeners: Listeners,
  isWanted: () => boolean,
): Promise<{ sockets: LegSockets; rtp: MediaAddress; hasMoved: boolean }> => {
  try {
    if (had) return { sockets: await rebindLeg(ports, had, listeners, isWanted), rtp: had, hasMoved: false };
  } catch (error) {
    if (!isWanted()) throw error;
  }
  const sockets = await bindLeg(ports, listeners);
  return { sockets, rtp: { host: ports.host, port: sockets.rtpPort }, hasMoved: had !== null };
};
