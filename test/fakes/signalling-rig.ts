/** The SIP adapter on the fake control server, with what it reported and a way to wait for it. */
import type { IncomingInvite, SignallingEvent, SignallingLeg } from '#domain/signalling.ts';
import { createSignalling } from '#sip/sip-signalling.ts';
import type { SignallingOptions, SipSignalling } from '#sip/sip-signalling.ts';
import { createFakeControlServer } from './control-server.fake.ts';
import type { FakeControlServer, NetworkMessage, SentCommand } from './control-server.fake.ts';

export const OFFER = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 5004 RTP/AVP 0',
  '',
].join('\r\n');
export const SDP = { 'Content-Type': 'application/sdp' };
export const LOCAL = { address: { host: '127.0.0.1', port: 40_000 }, sessionId: 7 };
export const DIALOG_ID = 'c1;from-tag=f1';

export const inviteHeaders = (overrides: Record<string, string> = {}): Record<string, string> => ({
  Via: 'SIP/2.0/UDP 127.0.0.1:5066;branch=z9hG4bK1;rport=5066',
  From: '"Alice, A." <sip:+359888000001@127.0.0.1>;tag=f1',
  To: '<sip:00359888000002@127.0.0.1>',
  'Call-ID': 'c1',
  CSeq: '1 INVITE',
  Contact: '<sip:alice@127.0.0.1:5066>',
  ...overrides,
});

export const invite = (overrides: Record<string, string> = {}, body: string = OFFER): NetworkMessage => ({
  startLine: 'INVITE sip:00359888000002@127.0.0.1 SIP/2.0',
  headers: { ...inviteHeaders(body === '' ? {} : SDP), ...overrides },
  body,
  transactionId: 'tx1',
});

export const inDialog = (method: string, overrides: Record<string, string> = {}, body = ''): NetworkMessage => ({
  startLine: `${method} sip:127.0.0.1 SIP/2.0`,
  headers: inviteHeaders({ To: '<sip:x@127.0.0.1>;tag=ours', CSeq: `2 ${method}`, ...overrides }),
  body,
  dialogId: DIALOG_ID,
  transactionId: `tx-${method}`,
});

export const statusOf = (command: SentCommand): number => Number(command.startLine.split(' ')[1]);

export type SignallingRig = {
  server: FakeControlServer;
  signalling: SipSignalling;
  invites: readonly IncomingInvite[];
  events: readonly SignallingEvent[];
  hear: (event: SignallingEvent) => void;
  until(holds: () => boolean): Promise<void>;
  /** Deliver an INVITE and wait until it is reported. */
  receive(message?: NetworkMessage): Promise<IncomingInvite>;
  attach(received: IncomingInvite): SignallingLeg;
  /** Deliver, attach and answer. */
  answered(message?: NetworkMessage): Promise<SignallingLeg>;
  responseTo(transactionId: string): Promise<SentCommand>;
  close(): Promise<void>;
};

/** Not connected yet. */
export const createSignallingRig = async (overrides: Partial<SignallingOptions> = {}): Promise<SignallingRig> => {
  const server = await createFakeControlServer();
  const invites: IncomingInvite[] = [];
  const events: SignallingEvent[] = [];
  const waiters: (() => void)[] = [];
  const notify = () => {
    for (const wake of waiters.splice(0)) wake();
  };
  const signalling = createSignalling({
    host: '127.0.0.1',
    port: server.port,
    secret: server.secret,
    log: { info: notify, warn: notify, error: notify },
    onInvite: (received) => {
      invites.push(received);
      notify();
    },
    ...overrides,
  });
  const hear = (event: SignallingEvent) => {
    events.push(event);
    notify();
  };
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise<void>((wake) => waiters.push(wake));
  };
  const receive = async (message = invite()) => {
    server.deliver(message);
    await until(() => invites.length > 0);
    const [received] = invites;
    if (!received) throw new Error('no INVITE was reported');
    return received;
  };
  const attach = (received: IncomingInvite) => signalling.attach(received, hear);

  return {
    server,
    signalling,
    invites,
    events,
    hear,
    until,
    receive,
    attach,
    answered: async (message) => {
      const leg = attach(await receive(message));
      await leg.answer(LOCAL);
      return leg;
    },
    responseTo: (transactionId) => server.untilCommand((command) => command.transactionId === transactionId),
    close: async () => {
      await signalling.close();
      await server.close();
    },
  };
};
