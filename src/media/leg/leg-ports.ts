/** Finds a port pair for a leg and gives it back when its sockets are closed. */
import type { PortAllocator } from '#media/rtp/port-allocator.ts';
import { openLegSockets, type Datagram, type LegSockets } from './leg-sockets.ts';

export class PortsExhaustedError extends Error {
  readonly code = 'portsExhausted';
}

const MAX_TRIES = 8;

export type LegPorts = {
  host: string;
  allocator: PortAllocator;
  now: () => number;
};

/** Rejects with `PortsExhaustedError`, or with the error of the last pair that could not be bound. */
export const bindLeg = async (
  { host, allocator, now }: LegPorts,
  onRtp: Datagram,
  onRtcp: Datagram,
): Promise<LegSockets> => {
  let failure: unknown = null;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = allocator.take(now());
    if (port === null) throw failure ?? new PortsExhaustedError('No RTP port is free.');
    try {
      const sockets = await openLegSockets(port, { host, onRtp, onRtcp });
      return {
        ...sockets,
        close: async () => {
          await sockets.close();
          allocator.release(port, now());
        },
      };
    } catch (error) {
      // Somebody else's port: it rests like a used one, and the next pair is tried.
      allocator.release(port, now());
      failure = error;
    }
  }
  throw failure;
};
