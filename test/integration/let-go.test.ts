import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLetGo } from '#app/let-go.ts';
import type { CallId } from '#domain/call.ts';
import type { IncomingInvite } from '#domain/signalling.ts';
import { reply } from '../fakes/sip-server-rig.ts';
import { createTakeoverRig, type TakeoverApp, type TakeoverRig } from '../fakes/takeover-rig.ts';

const CALL_ID = '417252eb-ca15-4ca7-b518-a5e053ad59d1' as CallId;

describe.each([
  ['the embedded SIP server', false],
  ['one like drachtio-server', true],
])('a call that cannot be gone on with, on %s', (_server, likeDrachtio) => {
  let rig: TakeoverRig;

  afterEach(async () => {
    await rig.close();
    expect(rig.rig.faults).toEqual([]);
  });

  const letGo = (heir: TakeoverApp, context: unknown) => {
    const warn = vi.fn();
    createLetGo({ signalling: heir.signalling, log: { warn } })({ callId: CALL_ID, context, epoch: 2 });
    return warn;
  };
  /** What is left of a context that is otherwise unreadable. */
  const namesOf = ({ sipCallId, localTag, remoteTag, transactionId }: IncomingInvite) => ({
    ...{ sipCallId, localTag, remoteTag, transactionId },
    direction: 'inbound',
    limits: 'gone',
  });

  it('C17: is hung up from nothing but the names of its leg', async () => {
    rig = await createTakeoverRig({ likeDrachtio });
    const lost = await rig.connectApp();
    const { invite } = await rig.establish(lost);
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.connectApp();
    const warn = letGo(heir, namesOf(invite));
    rig.peer.send(reply(await rig.peer.take('BYE'), '200 OK', { peer: rig.peer }));
    await expect.poll(() => heir.signalling.liveLegs).toBe(0);
    expect(warn).not.toHaveBeenCalled();
  });

  it('C15: is refused when it had not been answered', async () => {
    rig = await createTakeoverRig({ likeDrachtio });
    const lost = await rig.connectApp();
    const invite = await rig.receive(lost);
    await lost.kill();
    await rig.untilNobody();
    const heir = await rig.connectApp();
    letGo(heir, namesOf(invite));
    expect((await rig.peer.take('SIP/2.0 500')).toTag).toBe(invite.localTag);
    await expect.poll(() => heir.signalling.liveLegs).toBe(0);
  });

  it('is left alone when not even those are left', async () => {
    rig = await createTakeoverRig({ likeDrachtio });
    const heir = await rig.connectApp();
    for (const context of [null, 'scribble', {}, { sipCallId: 7, localTag: 'x' }]) letGo(heir, context);
    expect(heir.signalling.liveLegs).toBe(0);
  });
});
