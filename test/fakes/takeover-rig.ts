/** A SIP server, a caller, and applications that come and go: each behind a way that can be cut. */
import { expect } from 'vitest';
import type { AbandonedLeg, IncomingInvite, SignallingEvent, SignallingLeg } from '#domain/signalling.ts';
import { createSignalling, type SignallingOptions, type SipSignalling } from '#sip/sip-signalling.ts';
import { createSipServer, type SipServer } from '#sip/server/sip-server.ts';
import { createTcpProxy, type TcpProxy } from '../fixtures/tcp-proxy.ts';
import { openUdpPeer, type PeerMessage, type SipPeer } from './sip-peer.ts';
import { createCaller, SECRET, startSipServer, type SipServerRig } from './sip-server-rig.ts';

export type TakeoverApp = {
  signalling: SipSignalling;
  invites: IncomingInvite[];
  way: TcpProxy;
  /** The process dies: its connection is reset, and it never comes back. */
  kill(): Promise<void>;
};

export type HeardLeg = { leg: SignallingLeg; events: SignallingEvent[] };

export const LOCAL_MEDIA = { address: { host: '127.0.0.1', port: 40_000 }, sessionId: 7 };

export const createTakeoverRig = async (options: { likeDrachtio?: boolean } = {}) => {
  const rig: SipServerRig = await startSipServer(options);
  const peer: SipPeer = await openUdpPeer(rig.udpPort);
  const caller = createCaller(peer);
  const apps: TakeoverApp[] = [];
  const successors: SipServer[] = [];

  /** Until the server has nobody, it gives the request to the one that is going. */
  const untilNobody = async (): Promise<void> => {
    await expect
      .poll(async () => {
        createCaller(peer).send({ method: 'MESSAGE', cseq: 1 });
        await peer.settle();
        return peer.waiting().some(({ start }) => start.startsWith('SIP/2.0 503'));
      })
      .toBe(true);
    await peer.take('SIP/2.0 503');
  };

  const openApp = async (own: Pick<SignallingOptions, 'maySend'> = {}): Promise<TakeoverApp> => {
    const way = await createTcpProxy(rig.controlPort);
    const invites: IncomingInvite[] = [];
    const silent = () => undefined;
    const signalling = createSignalling({
      host: '127.0.0.1',
      port: way.port,
      secret: SECRET,
      log: { info: silent, warn: silent, error: (fields) => rig.faults.push(fields) },
      onInvite: (invite) => invites.push(invite),
      ...own,
    });
    const app = { signalling, invites, way, kill: () => way.cut() };
    apps.push(app);
    return app;
  };
  const connectApp = async (own: Pick<SignallingOptions, 'maySend'> = {}): Promise<TakeoverApp> => {
    const app = await openApp(own);
    await app.signalling.connect();
    return app;
  };

  const heard = (begin: (tell: (event: SignallingEvent) => void) => SignallingLeg): HeardLeg => {
    const events: SignallingEvent[] = [];
    return { events, leg: begin((event) => events.push(event)) };
  };

  return {
    ...{ rig, peer, caller, openApp, connectApp, untilNobody },
    attach: (app: TakeoverApp, invite: IncomingInvite): HeardLeg =>
      heard((tell) => app.signalling.attach(invite, tell)),
    restore: (app: TakeoverApp, abandoned: AbandonedLeg): HeardLeg =>
      heard((tell) => app.signalling.restore(abandoned, tell)),
    receive: async (app: TakeoverApp): Promise<IncomingInvite> => {
      caller.invite({ branch: 'z9hG4bKinvite' });
      await peer.take('SIP/2.0 100');
      await expect.poll(() => app.invites.length).toBe(1);
      const [invite] = app.invites;
      if (!invite) throw new Error('no INVITE');
      return invite;
    },
    /** A call that `app` has answered; its ACK is sent unless `ack` is false. */
    establish: async (app: TakeoverApp, { ack = true, late = false } = {}) => {
      caller.invite({ branch: 'z9hG4bKinvite', ...(late ? { body: '', headers: [] } : {}) });
      await expect.poll(() => app.invites.length).toBe(1);
      const [invite] = app.invites;
      if (!invite) throw new Error('no INVITE');
      const call = heard((tell) => app.signalling.attach(invite, tell));
      const { dialog, media } = await call.leg.answer(LOCAL_MEDIA);
      const ok: PeerMessage = await peer.take('SIP/2.0 200');
      await peer.take('SIP/2.0 100');
      if (ack) {
        caller.ack(ok);
        await expect.poll(() => call.events.map(({ type }) => type)).toContain('dialog.acknowledged');
      }
      const abandoned: AbandonedLeg = { invite, dialog: JSON.parse(JSON.stringify(dialog)), epoch: 2 };
      return { ...call, invite, dialog, media, ok, abandoned };
    },
    /** The SIP server dies, and another one takes its place. */
    restartServer: async () => {
      await rig.server.stop();
      const successor = createSipServer({
        listen: [],
        control: { host: '127.0.0.1', port: rig.controlPort },
        secret: SECRET,
      });
      await successor.start();
      successors.push(successor);
    },
    close: async () => {
      for (const { signalling, way } of apps) {
        await signalling.close();
        await way.close();
      }
      await peer.close();
      for (const successor of successors) await successor.stop();
      await rig.close();
    },
  };
};

export type TakeoverRig = Awaited<ReturnType<typeof createTakeoverRig>>;

export const typesOf = (events: readonly SignallingEvent[]): string[] => events.map(({ type }) => type);
