import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SmsError, type SmsMessage } from '#domain/sms.ts';
import { GreetingError } from '#domain/greeting.ts';
import { createCrmRig, type CrmRig, type PersonName } from '../../fakes/crm-rig.ts';
import { createFakeFollowUp } from '../../fakes/follow-up.fake.ts';
import { createSessionRig, wave, type SessionRig } from '../../fakes/session-rig.ts';

const FILES = { mixed: { fileName: 'mixed_20251201_120423.wav', bytes: 16_044, sha256: null } };

describe('jobs that users ask for', () => {
  let crm: SessionRig;
  let annas: string;
  beforeAll(async () => {
    crm = await createSessionRig();
    annas = await addCall(crm.ids.anna, true);
  });
  afterAll(() => crm.close());

  const addCall = async (ownerId: number, hasRecording: boolean): Promise<string> => {
    const id = await crm.addRow({ owner_id: ownerId });
    if (hasRecording) {
      await crm.sql(`insert into recordings (call_id, state, files) values (?, 'published', ?::jsonb)`, [
        id,
        JSON.stringify(FILES),
      ]);
    }
    return id;
  };
  const retranscribe = (who: PersonName, id: string) => crm.as(who).post(`/api/transcripts/${id}/retranscribe`);

  it('queues one transcription however often it is asked for', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => retranscribe('anna', annas)));

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
    expect(answers[0]?.json()).toEqual({
      status: 'success',
      message: expect.stringContaining('ueued') as string,
      session_id: annas,
      audio_files_found: 1,
      source: 'local',
    });
    const jobs = await crm.as('anna').get(`/api/v1/jobs?callId=${annas}`);
    expect(jobs.json()).toEqual({
      jobs: [
        {
          id: expect.any(String) as string,
          kind: 'transcribe',
          callId: annas,
          state: 'queued',
          attempts: 0,
          result: null,
          failure: null,
          requestedById: crm.ids.anna,
          createdAt: expect.stringMatching(/Z$/) as string,
          startedAt: null,
          finishedAt: null,
        },
      ],
      nextCursor: null,
    });
    const [job] = (jobs.json() as { jobs: { id: string }[] }).jobs;
    expect((await crm.as('acme').get(`/api/v1/jobs/${job?.id}`)).statusCode).toBe(200);
    expect((await crm.as('bob').get(`/api/v1/jobs/${job?.id}`)).statusCode).toBe(403);
    expect((await crm.as('bob').get('/api/v1/jobs')).json()).toEqual({ jobs: [], nextCursor: null });
  });

  it('answers who may not, what is not there and what cannot be', async () => {
    const silent = await addCall(crm.ids.anna, false);
    const idas = await addCall(crm.ids.ida, true);
    const cases: [PersonName, string, number][] = [
      ['bob', annas, 403],
      ['ida', idas, 403],
      ['anna', silent, 404],
      ['anna', randomUUID(), 404],
      ['anna', '..%2f..', 404],
    ];
    for (const [who, id, status] of cases) {
      const answer = await retranscribe(who, id);
      expect([who, answer.statusCode]).toEqual([who, status]);
      expect(answer.json()).toMatchObject({ detail: expect.any(String) as string });
    }
    expect((await crm.anonymous.post(`/api/transcripts/${annas}/retranscribe`)).statusCode).toBe(401);
    expect((await crm.as('anna').get('/api/v1/jobs/no-such-job')).statusCode).toBe(404);
  });

  it('queues a summary in a language of the list, once there is a transcript', async () => {
    const id = await addCall(crm.ids.anna, false);
    const summarise = (body?: object) => crm.as('anna').post(`/api/transcripts/${id}/generate_summary`, body);
    expect((await summarise({})).statusCode).toBe(404);
    await crm.sql(
      `insert into transcript_segments (call_id, index, speaker, text, start_ms, end_ms, interrupted)
       values (?, 0, 'user', 'Пратете ми оферта.', 0, 900, false)`,
      [id],
    );

    expect((await summarise({ language: 'Klingon' })).statusCode).toBe(422);
    const answer = await summarise({ language: 'Bulgarian' });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        status: 'success',
        message: 'Summary queued',
        session_id: id,
        transcripts_found: 1,
        language: 'Bulgarian',
        source: 'database',
      },
    ]);
  });

  it('adopts a call of which only the folder is left', async () => {
    const id = await crm.put({ 'mixed_20251201_120423.wav': wave(2) });

    expect((await retranscribe('anna', id)).json()).toMatchObject({ session_id: id, audio_files_found: 1 });
  });
});

describe('short messages and greetings', () => {
  const sent: SmsMessage[] = [];
  const failure: { next: Error | null } = { next: null };
  let crm: CrmRig;
  beforeAll(async () => {
    const takeFailure = () => {
      const { next } = failure;
      failure.next = null;
      if (next) throw next;
    };
    crm = await createCrmRig(({ database }) => ({
      followUp: createFakeFollowUp({
        sms: {
          send: async (message) => {
            takeFailure();
            sent.push(message);
          },
        },
        gateSlots: {
          pool: { min: 9, max: 19 },
          holder: async (slot) => {
            const [user] = await database
              .fork()
              .execute<{ id: number }[]>('select id from users where gate_slot = ?', [slot]);
            return user?.id ?? null;
          },
        },
        greetings: {
          method: 'fake',
          fallbackLanguage: 'en-US',
          make: async ({ language, userId, callConfig }) => {
            takeFailure();
            return { file: `greetings/greeting_${language}_${userId}.wav`, transcript: callConfig.company_name };
          },
        },
      }),
    }));
  });
  afterAll(() => crm.close());

  const send = (who: PersonName, body: object) => crm.as(who).post('/api/sms/send', body);

  it('sends by the slot of the sender, as the contract shows it', async () => {
    const answer = await send('anna', { phone_number: '00359 888 123456', message: 'Здравейте 👋', gate_slot: 9 });

    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        status: 'success',
        message: 'SMS sent successfully',
        phone_number: '+359888123456',
        gate_slot: 9,
        sms_length: 12,
        response: 'OK',
      },
    ]);
    expect(sent).toEqual([{ to: '+359888123456', text: 'Здравейте 👋', gateSlot: 9 }]);
  });

  it.each<[PersonName, object, number]>([
    ['anna', { gate_slot: null }, 200],
    ['ante', { gate_slot: 9 }, 403],
    ['acme', { gate_slot: 10 }, 200],
    ['acme', { gate_slot: 11 }, 403],
    ['acme', { gate_slot: 15 }, 403],
    ['root', { gate_slot: 15 }, 200],
    ['root', { gate_slot: 20 }, 400],
    ['ida', { gate_slot: 12 }, 403],
    ['anna', { gate_slot: '9' }, 422],
    ['anna', { phone_number: 'call me', gate_slot: 9 }, 400],
    ['anna', { message: '', gate_slot: 9 }, 422],
    ['anna', { message: 'x'.repeat(1_601), gate_slot: 9 }, 422],
  ])('%s sends %j: %i', async (who, change, status) => {
    const answer = await send(who, { phone_number: '+359888123456', message: 'Hello', ...change });

    expect(answer.statusCode).toBe(status);
    if (status !== 200) expect(typeof (answer.json() as { detail: unknown }).detail).toBe('string');
  });

  it.each([
    ['refused', 502],
    ['unreachable', 502],
    ['timeout', 504],
  ] as const)('never passes on what the gateway answers: %s is %i', async (code, status) => {
    failure.next = new SmsError(code, 'The SMS gateway does not want to.');

    expect((await send('anna', { phone_number: '+359888123456', message: 'Hello' })).statusCode).toBe(status);
  });

  it('makes a greeting in the language of the number, named after its user', async () => {
    const ask = (body: object) => crm.as('anna').post('/api/generate_greeting', body);

    const answer = await ask({
      phone_number: '+359888123456',
      call_config: { voice_name: 'Kore', company_name: 'Акме' },
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        status: 'success',
        greeting_file: `greetings/greeting_bg-BG_${crm.ids.anna}.wav`,
        transcript: 'Акме',
        language: 'Bulgarian',
        language_code: 'bg',
        voice: 'Kore',
        greeting_text: 'Акме',
      },
    ]);
    expect((await ask({})).statusCode).toBe(400);
    expect((await ask({ phone_number: '+359888123456', call_config: { voice_name: 'Nobody' } })).statusCode).toBe(422);
    failure.next = new GreetingError('failed', 'The model did not speak.');
    expect((await ask({ phone_number: '+359888123456' })).statusCode).toBe(502);
    failure.next = new GreetingError('unavailable', 'The model cannot be reached.');
    expect((await ask({ phone_number: '+359888123456' })).statusCode).toBe(503);
  });

  it('says so when no gateway is configured', async () => {
    const bare = await createCrmRig();
    const answer = await bare.as('anna').post('/api/sms/send', { phone_number: '+359888123456', message: 'Hello' });
    expect([answer.statusCode, answer.json()]).toMatchObject([503, { code: 'sms_unavailable' }]);
    await bare.close();
  });
});
