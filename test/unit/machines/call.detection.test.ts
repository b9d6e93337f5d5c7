import { describe, expect, it } from 'vitest';
import {
  ACT_AFTER_MS,
  PRESUMED_FOR_MS,
  type AnsweringMachinePolicy,
  type CalleeEvidence,
  type CalleeKind,
} from '#domain/callee.ts';
import { callRow } from '#machines/call.row.ts';
import { DIALOG, LEG_OPENED, MEDIA, startFakeCall, talk, type FakeCall } from '../../fakes/call-ports.fake.ts';

const detected = (kind: CalleeKind, by: CalleeEvidence = 'phrase') =>
  ({ type: 'callee.detected', kind, by, atMs: 2_000 }) as const;
const BEEP = { type: 'callee.beeped', frequencyHz: 1_000, atMs: 8_000 } as const;

/** A call of ours that has been answered. */
const answered = async (answeringMachine?: AnsweringMachinePolicy): Promise<FakeCall> => {
  const call = startFakeCall({ direction: 'outbound', ...(answeringMachine ? { answeringMachine } : {}) });
  call.fact('media', LEG_OPENED);
  await call.commit('opened');
  call.tell('signalling', { type: 'callee.ringing', earlyMedia: null });
  call.fact('connection', { type: 'model.opened', connection: 1 });
  call.tell('signalling', { type: 'callee.answered', dialog: { ...DIALOG, type: 'uac' }, media: MEDIA });
  return call;
};

const detection = (call: FakeCall): unknown => {
  const { value } = call.actor.getSnapshot();
  return typeof value === 'object' && 'talking' in value ? (value.talking as { detection?: unknown }).detection : null;
};

const heardWords = (call: FakeCall) =>
  call.sent.flatMap(({ command }) => {
    const { type, text } = command as { type: string; text?: string };
    return type === 'connection.say' ? [text] : [];
  });

const hushes = (call: FakeCall) =>
  call.sent.filter(({ command }) => (command as { type: string }).type === 'media.hush');

describe('who has answered a call that we placed', () => {
  it('is found out by the media worker, in the languages of the call and of the number', async () => {
    const call = await answered('hangUp');
    expect(call.sent).toContainEqual({
      to: 'media',
      command: { type: 'media.detectCallee', languages: ['en-US', 'bg-BG'], isUrgent: true },
    });
    expect(detection(call)).toBe('undecided');
    expect(callRow('talking', call.context()).answeredBy).toBeNull();
  });

  it('is not asked of a caller', async () => {
    const call = startFakeCall();
    await talk(call);
    expect(call.did).not.toContain('media.detectCallee');
  });

  it('goes into the row, and a later verdict takes an earlier one back', async () => {
    const call = await answered();
    call.fact('media', detected('machine', 'timing'));
    expect([detection(call), callRow('talking', call.context()).answeredBy]).toEqual(['presumedMachine', 'machine']);
    call.fact('media', detected('human', 'timing'));
    expect([detection(call), callRow('talking', call.context()).answeredBy]).toEqual(['human', 'human']);
    call.fact('media', detected('machine'));
    expect([detection(call), callRow('talking', call.context()).answeredBy]).toEqual([
      { machine: 'endured' },
      'machine',
    ]);
    call.fact('media', detected('human'));
    expect([detection(call), callRow('ended', call.context()).answeredBy]).toEqual(['human', 'human']);
  });

  it('when it is a screening service, is told by the agent who calls', async () => {
    const call = await answered();
    call.fact('media', detected('screener'));
    expect(detection(call)).toBe('screener');
    expect(heardWords(call)).toEqual([expect.stringContaining('who you are and why you call')]);
  });
});

describe('an answering machine', () => {
  it('is talked to like a person where nothing else is wanted', async () => {
    const call = await answered('continue');
    call.fact('media', detected('machine', 'beep'));
    call.fact('media', BEEP);
    call.clock.increment(ACT_AFTER_MS * 2);
    expect([call.state(), hushes(call), heardWords(call)]).toEqual(['talking', [], []]);
  });

  it('is left once the verdict has stood, and at its beep at the latest', async () => {
    const patient = await answered('hangUp');
    patient.fact('media', detected('machine'));
    patient.clock.increment(ACT_AFTER_MS - 1);
    expect(patient.state()).toBe('talking');
    patient.clock.increment(1);
    expect([patient.state(), patient.context().cause]).toEqual(['hangingUp', 'answeringMachine']);

    const beeped = await answered('hangUp');
    beeped.fact('media', detected('machine'));
    beeped.fact('media', BEEP);
    expect([beeped.state(), beeped.context().cause]).toEqual(['hangingUp', 'answeringMachine']);
  });

  it.for(['timing', 'hint'] as const)('that is only presumed, by %s, is left when that has stood', async (by) => {
    const call = await answered('hangUp');
    call.fact('media', detected('machine', by));
    call.clock.increment(PRESUMED_FOR_MS - 1);
    expect(detection(call)).toBe('presumedMachine');
    call.clock.increment(1);
    expect(detection(call)).toEqual({ machine: 'leaving' });
    call.clock.increment(ACT_AFTER_MS);
    expect([call.state(), call.context().cause]).toEqual(['hangingUp', 'answeringMachine']);
  });

  it('that is only presumed is talked to until there is better evidence', async () => {
    const call = await answered('leaveMessage');
    call.fact('media', detected('machine', 'timing'));
    expect(hushes(call)).toEqual([]);
    call.fact('media', detected('machine', 'phrase'));
    expect(hushes(call)).toHaveLength(1);
  });

  it('that was a person after all is not left', async () => {
    const call = await answered('hangUp');
    call.fact('media', detected('machine'));
    call.clock.increment(ACT_AFTER_MS - 1);
    call.fact('media', detected('human'));
    call.clock.increment(ACT_AFTER_MS);
    expect([call.state(), detection(call)]).toEqual(['talking', 'human']);
  });

  it('hears nothing until its beep, then a message, then the end', async () => {
    const call = await answered('leaveMessage');
    call.fact('media', detected('machine'));
    expect(hushes(call).map(({ command }) => command)).toEqual([{ type: 'media.hush', isHushed: true }]);
    expect(heardWords(call)).toEqual([]);
    call.fact('media', BEEP);
    expect(hushes(call).map(({ command }) => command)).toEqual([
      { type: 'media.hush', isHushed: true },
      { type: 'media.hush', isHushed: false },
    ]);
    expect(heardWords(call)).toEqual([expect.stringContaining('records you from now on')]);
    // Acted on: what is heard now is our own message.
    call.fact('media', detected('human'));
    call.fact('media', BEEP);
    expect(heardWords(call)).toHaveLength(1);
    call.clock.increment(45_000);
    expect([call.state(), call.context().cause]).toEqual(['hangingUp', 'answeringMachine']);
  });

  it('that does not beep is spoken to all the same', async () => {
    const call = await answered('leaveMessage');
    call.fact('media', detected('machine'));
    call.clock.increment(25_000);
    expect(heardWords(call)).toHaveLength(1);
  });

  it('that was a person after all is talked to again', async () => {
    const call = await answered('leaveMessage');
    call.fact('media', detected('machine'));
    call.fact('media', detected('human'));
    expect(hushes(call).at(-1)?.command).toEqual({ type: 'media.hush', isHushed: false });
    expect(heardWords(call)).toEqual([]);
  });
});
