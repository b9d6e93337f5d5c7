import { describe, expect, it } from 'vitest';
import type { Address, Transport } from '#sip/server/transports/flow.ts';
import { advertisedHost, chooseTransport } from '#sip/server/transports/local-address.ts';

const transport = (protocol: 'udp' | 'tcp', host: string): Transport => ({
  protocol,
  local: { host, port: 5060 },
  flowTo: () => {
    throw new Error('not here');
  },
  close: async () => undefined,
});
const to = (host: string): Address => ({ host, port: 5060 });

describe('our address', () => {
  it('is the public one, else the bound one, else the interface nearest to the peer', () => {
    const flow = (host: string) => ({ local: to(host), remote: to('127.0.0.9') });
    expect(advertisedHost(flow('10.0.0.1'), '203.0.113.1')).toBe('203.0.113.1');
    expect(advertisedHost(flow('10.0.0.1'), null)).toBe('10.0.0.1');
    expect(advertisedHost(flow('0.0.0.0'), null)).toBe('127.0.0.1');
  });

  it('is on the transport that matches the protocol and shares most with the peer', () => {
    const all = [transport('udp', '10.1.0.1'), transport('udp', '10.2.0.1'), transport('tcp', '10.2.0.1')];
    expect(chooseTransport(all, 'udp', to('10.2.3.4'))).toBe(all[1]);
    expect(chooseTransport(all, 'tcp', to('10.1.3.4'))).toBe(all[2]);
    expect(chooseTransport(all, 'tls', to('10.1.3.4'))).toBeUndefined();
  });
});
