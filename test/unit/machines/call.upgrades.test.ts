import { describe, expect, it } from 'vitest';
import { CALL_MACHINE_VERSION } from '#machines/call.types.ts';
import { readContext, type CallRelease } from '#machines/call.upgrades.ts';
import { startFakeCall, talk } from '../../fakes/call-ports.fake.ts';

const storedContext = async (): Promise<Record<string, unknown>> => {
  const call = startFakeCall();
  await talk(call);
  return JSON.parse(JSON.stringify(call.context())) as Record<string, unknown>;
};

/** A later release, in which a call's language is kept as a tag, and its caller's number under another name. */
const LATER: CallRelease = {
  version: CALL_MACHINE_VERSION + 2,
  upgrades: {
    [CALL_MACHINE_VERSION]: ({ tongue, ...rest }) => ({ ...rest, language: `${String(tongue)}-BG` }),
    [CALL_MACHINE_VERSION + 1]: ({ caller, ...rest }) => ({ ...rest, callerNumber: caller }),
  },
};

describe('the context of a call that another process has left', () => {
  it('is read as it is when the present version wrote it', async () => {
    const context = await storedContext();
    expect(readContext({ machineVersion: CALL_MACHINE_VERSION, context })).toEqual({ type: 'read', context });
  });

  it('is upgraded version by version when an earlier one wrote it', async () => {
    const { language: _language, callerNumber: _caller, ...kept } = await storedContext();
    const old = { ...kept, tongue: 'bg', caller: '+359888123456' };
    expect(readContext({ machineVersion: CALL_MACHINE_VERSION, context: old }, LATER)).toEqual({
      type: 'read',
      context: { ...kept, language: 'bg-BG', callerNumber: '+359888123456' },
    });
  });

  it('takes only the upgrades that lie between its version and the present one', async () => {
    const { callerNumber: _caller, ...kept } = await storedContext();
    const context = { ...kept, caller: '+359888123456' };
    expect(readContext({ machineVersion: CALL_MACHINE_VERSION + 1, context }, LATER)).toMatchObject({
      type: 'read',
      context: { language: 'en-US', callerNumber: '+359888123456' },
    });
  });

  it.each([
    ['of a later version', 9, {}, 'it was written by version 9 of the call machine, and this is version 3'],
    ['of a version without an upgrade', 0, {}, 'no upgrade leads on from version 0 of the call machine'],
    ['whose upgrade throws', 1, {}, 'the upgrade from version 1 of the call machine failed: Error: no tongue'],
    ['that an upgrade spoils', 2, {}, 'the context lacks or spoils limits, crashed'],
    ['that is none', 3, 'a text', 'it holds no context of a call'],
    ['that is empty', 3, null, 'it holds no context of a call'],
    ['that is a list', 3, [], 'it holds no context of a call'],
    ['without its limits', 3, { limits: null }, 'the context lacks or spoils limits'],
    ['with a broken dialog', 3, { dialog: { id: 'x' } }, 'the context lacks or spoils dialog'],
    ['with a deadline that is no time', 3, { deadlines: { ring: 'soon' } }, 'the context lacks or spoils deadlines'],
  ])('is not read %s, and says why', async (_what, machineVersion, change, reason) => {
    const release: CallRelease = {
      version: 3,
      upgrades: {
        1: () => {
          throw new Error('no tongue');
        },
        2: ({ limits: _limits, crashed: _crashed, ...rest }) => rest,
      },
    };
    const isObject = typeof change === 'object' && change !== null && !Array.isArray(change);
    const context = isObject ? { ...(await storedContext()), ...change } : change;
    expect(readContext({ machineVersion, context }, release)).toEqual({ type: 'unreadable', reason });
  });
});
