/** The smallest application on the SIP adapter: answers every call, sends a tone, obeys a script given by the test. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Answered, IncomingInvite, SignallingEvent, SignallingLeg } from '#domain/signalling.ts';
import { createSignalling } from '#sip/sip-signalling.ts';
import type { SignallingOptions, SipSignalling } from '#sip/sip-signalling.ts';
import { createSipServer } from '#sip/server/sip-server.ts';

export type AppCall = {
  invite: IncomingInvite;
  leg: SignallingLeg;
  events: SignallingEvent[];
  answered: Answered | null;
};

export type AnsweringApp = {
  signalling: SipSignalling;
  calls: readonly AppCall[];
  sip: { udp: { host: string; port: number }; tcp: { host: string; port: number } };
  until(holds: () => boolean): Promise<void>;
  untilEvent(call: AppCall, type: SignallingEvent['type']): Promise<SignallingEvent>;
  untilCall(): Promise<AppCall>;
  close(): Promise<void>;
};

const SECRET = 'answering-app';

/** `onCall` decides what happens to a call; by default it rings and is answered at once. */
export const startAnsweringApp = async (
  options: { onCall?: (call: AppCall, answer: () => Promise<void>) => void } & Partial<SignallingOptions> = {},
): Promise<AnsweringApp> => {
  const server = createSipServer({
    listen: [
      { protocol: 'udp', host: '127.0.0.1', port: 0 },
      { protocol: 'tcp', host: '127.0.0.1', port: 0 },
    ],
    control: { host: '127.0.0.1', port: 0 },
    secret: SECRET,
  });
  const addresses = await server.start();
  const media = createSocket('udp4').bind(0, '127.0.0.1');
  await once(media, 'listening');
  const address = { host: '127.0.0.1', port: media.address().port };
  const calls: AppCall[] = [];
  const waiters: (() => void)[] = [];
  const notify = () => {
    for (const wake of waiters.splice(0)) wake();
  };
  const answerCall = async (call: AppCall) => {
    await call.leg.ring();
    call.answered = await call.leg.answer({ address, sessionId: 1 });
    notify();
  };
  const onCall = options.onCall ?? ((_call, answer) => void answer().catch(() => undefined));
  const signalling: SipSignalling = createSignalling({
    host: addresses.control.host,
    port: addresses.control.port,
    secret: SECRET,
    log: { info: notify, warn: notify, error: notify },
    ...options,
    onInvite: (invite) => {
      const events: SignallingEvent[] = [];
      const leg = signalling.attach(invite, (event) => {
        events.push(event);
        notify();
      });
      const call: AppCall = { invite, leg, events, answered: null };
      calls.push(call);
      onCall(call, () => answerCall(call));
      notify();
    },
  });
  await signalling.connect();

  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise<void>((wake) => waiters.push(wake));
  };
  const find = (protocol: string) => {
    const found = addresses.sip.find((listening) => listening.protocol === protocol);
    if (!found) throw new Error(`no ${protocol} address`);
    return { host: found.host, port: found.port };
  };
  return {
    signalling,
    calls,
    sip: { udp: find('udp'), tcp: find('tcp') },
    until,
    async untilEvent(call, type) {
      await until(() => call.events.some((event) => event.type === type));
      const event = call.events.find((candidate) => candidate.type === type);
      if (!event) throw new Error(`no ${type}`);
      return event;
    },
    async untilCall() {
      await until(() => calls.length > 0);
      const call = calls.at(-1);
      if (!call) throw new Error('no call');
      return call;
    },
    close: async () => {
      await signalling.close();
      await server.stop();
      media.close();
    },
  };
};
