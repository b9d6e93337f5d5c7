/** Snapshots as systems of each released version of the call machine have left them, gone on with by the present one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { restoredSnapshot } from '#app/restored-call.ts';
import { terminalStatus, type CallId } from '#domain/call.ts';
import type { CallContext } from '#machines/call.types.ts';
import { CALL_RELEASE } from '#machines/call.upgrades.ts';
import { finish, LEG_OPENED, startFakeCall, type FakeCall } from '../../fakes/call-ports.fake.ts';

type Fixture = { machineVersion: number; state: string; savedAt: number; context: CallContext };

const FOLDER = fileURLToPath(new URL('../../fixtures/snapshots', import.meta.url));
const BACK_AFTER_MS = 1_000;

const fixtures = readdirSync(FOLDER).flatMap((version) =>
  readdirSync(join(FOLDER, version)).map((file) => ({
    version,
    name: file.replace('.json', ''),
    fixture: JSON.parse(readFileSync(join(FOLDER, version, file), 'utf8')) as Fixture,
  })),
);

/** What becomes of a call that was lost in the state after which the fixture is named. */
const OUTCOMES: Readonly<Record<string, { through: readonly string[]; status: string; cause: string }>> = {
  opening: { through: ['recovering', 'closing'], status: 'failed', cause: 'fault' },
  alerting: { through: ['recovering', 'closing'], status: 'failed', cause: 'fault' },
  'recovering-alerting': { through: ['recovering', 'closing'], status: 'failed', cause: 'fault' },
  answering: {
    through: ['recovering', 'talking', 'hangingUp', 'closing'],
    status: 'answered',
    cause: 'operatorHungUp',
  },
  talking: { through: ['recovering', 'talking', 'hangingUp', 'closing'], status: 'answered', cause: 'operatorHungUp' },
  recovering: {
    through: ['recovering', 'talking', 'hangingUp', 'closing'],
    status: 'answered',
    cause: 'operatorHungUp',
  },
  hangingUp: { through: ['hangingUp', 'closing'], status: 'answered', cause: 'operatorHungUp' },
  'opening-outbound': { through: ['cancelling', 'closing'], status: 'failed', cause: 'fault' },
  dialling: { through: ['cancelling', 'closing'], status: 'failed', cause: 'fault' },
  ringing: { through: ['cancelling', 'closing'], status: 'failed', cause: 'fault' },
  cancelling: { through: ['cancelling', 'closing'], status: 'failed', cause: 'operatorHungUp' },
  'talking-outbound': {
    through: ['recovering', 'talking', 'hangingUp', 'closing'],
    status: 'answered',
    cause: 'operatorHungUp',
  },
  'recovering-outbound': {
    through: ['recovering', 'talking', 'hangingUp', 'closing'],
    status: 'answered',
    cause: 'operatorHungUp',
  },
  closing: { through: ['closing'], status: 'answered', cause: 'callerHungUp' },
};

const restore = ({ context, state, machineVersion, savedAt }: Fixture): FakeCall => {
  const { logic } = startFakeCall().actor;
  const claimed = {
    callId: context.callId as CallId,
    epoch: 2,
    seq: 9,
    incarnations: {},
    machineVersion,
    state,
    context,
  };
  const restoration = restoredSnapshot(logic, claimed);
  if (restoration.type === 'unreadable') throw new Error(restoration.reason);
  return startFakeCall({ lost: { context: restoration.snapshot.context, atMs: savedAt + BACK_AFTER_MS } });
};

const nextSteps: Readonly<Record<string, (call: FakeCall) => Promise<void>>> = {
  recovering: async (call) => {
    if (call.did.includes('signalling.refuse')) return call.tell('signalling', { type: 'signalling.refused' });
    call.fact('media', LEG_OPENED);
    call.tell('signalling', { type: 'dialog.restored' });
  },
  cancelling: async (call) => call.tell('signalling', { type: 'callee.refused', status: 487, reason: '' }),
  talking: async (call) => call.send({ type: 'operator.hangUp' }),
  hangingUp: async (call) => call.tell('signalling', { type: 'signalling.hungUp', status: 200 }),
  closing: async (call) => {
    await finish(call);
    await call.commit('outcome');
  },
};

/** The states it comes through, as everything around it does what it is told. */
const driveToEnd = async (call: FakeCall): Promise<string[]> => {
  const through: string[] = [];
  call.send({ type: 'call.recover' });
  for (let state = call.state() ?? ''; state !== 'ended'; state = call.state() ?? '') {
    if (through.at(-1) === state) throw new Error(`The call does not get on from ${through.join(', ')}.`);
    through.push(state);
    await nextSteps[state]?.(call);
  }
  return through;
};

describe('the snapshot of a call', () => {
  it.each(fixtures)(
    'C17: kept by $version in the state $name, is gone on with to its end',
    async ({ name, fixture }) => {
      const call = restore(fixture);
      const outcome = OUTCOMES[name];
      expect(await driveToEnd(call)).toEqual(outcome?.through);
      const context = call.context();
      expect({ status: terminalStatus(context), cause: context.cause }).toEqual({
        status: outcome?.status,
        cause: outcome?.cause,
      });
      expect(call.errors).toEqual([]);
    },
  );

  it('takes the recording, the conversation and the stream up where they were', () => {
    for (const { name, fixture } of fixtures.filter((one) => one.name === 'talking' || one.name === 'recovering')) {
      const { take, resumptionHandle, rtp, dialog } = fixture.context;
      const kept = [take, resumptionHandle, rtp, dialog];
      expect({ name, missing: kept.filter((part) => part === null) }).toEqual({ name, missing: [] });
      const call = restore(fixture);
      expect(call.context()).toMatchObject({ take, resumptionHandle, rtp, dialog, was: 'talking', epoch: 2 });
    }
  });

  it('is kept of the present version for every state in which a call can be lost', () => {
    const present = fixtures.filter(({ version }) => version === `v${CALL_RELEASE.version}`);
    expect(present.map(({ name }) => name).toSorted()).toEqual(Object.keys(OUTCOMES).toSorted());
  });
});
