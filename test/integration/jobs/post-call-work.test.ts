import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '#domain/call.ts';
import type { JobRequest } from '#domain/job.ts';
import { createPostCallRig, recordingOf, type PostCallRig } from '../../fakes/post-call-rig.ts';
import { startRehearsal } from '../../fakes/rehearsal-rig.ts';
import { createTcpProxy } from '../../fixtures/tcp-proxy.ts';

const PROGRAM = fileURLToPath(new URL('../../fixtures/programs/heard-text.ts', import.meta.url));
const LETTERS = 'Здравейте, Γειά σου, مرحبا بكم, 你好, 👩‍👩‍👧 — “да”';
const command = (...rest: string[]) => JSON.stringify([process.execPath, PROGRAM, ...rest]);
const BOTH_SIDES = { incoming: recordingOf([3]), outgoing: recordingOf([1, 4.9]), mixed: recordingOf([1, 3, 4.9]) };

const request = (kind: JobRequest['kind'], callId: CallId, input: JobRequest['input'] = {}): JobRequest => ({
  kind,
  callId,
  input,
  requestedById: null,
});

/** A Gemini endpoint that says what it is told to. */
const startModel = async (answer: () => { status: number; text: string }) => {
  const asked: string[] = [];
  const server: Server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      asked.push(Buffer.concat(chunks).toString());
      const { status, text } = answer();
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] } }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    baseUrl: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};

describe('post-call work', () => {
  let rig: PostCallRig;
  beforeEach(async () => {
    rig = await createPostCallRig();
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  const statesOf = async (callId: CallId) => (await rig.jobsOf(callId)).map(({ kind, state }) => `${kind} ${state}`);

  it('D9: transcribes and sums up a call when its end is committed, and leaves the status of the call alone', async () => {
    const rehearsal = await startRehearsal();
    rig.startWork({
      GEMINI_BASE_URL: rehearsal.baseUrl,
      TRANSCRIBE_AFTER_CALL: 'yes',
      SUMMARISE_AFTER_CALL: 'yes',
      SUMMARY_LANGUAGE: 'Bulgarian',
    });
    const callId = await rig.addCall({ files: BOTH_SIDES });
    await rig.endCall(callId);

    await expect.poll(() => statesOf(callId)).toEqual(['summarise completed', 'transcribe completed']);
    const { transcripts, ...row } = await rig.rowOf(callId);
    expect(row).toEqual({
      status: 'answered',
      transcript_status: 'completed',
      transcript_language: null,
      analysis: {
        summary:
          'Rehearsal summary, not understood: 2 turns of the agent, 1 of the customer. ' +
          "The customer's last words: “[somebody spoke for 1.0 s]”",
        status: 'undetermined',
      },
    });
    const spoken = '[somebody spoke for 1.0 s]';
    expect(transcripts).toMatchObject({
      mixed: {
        content: `AGENT: ${spoken}\nUSER: ${spoken}\nAGENT: ${spoken}`,
        conversation: [
          { speaker: 'agent', text: spoken },
          { speaker: 'user', text: spoken },
          { speaker: 'agent', text: spoken },
        ],
        success: true,
        method: 'batch',
        filename: 'mixed_20261120_120000.wav',
      },
      incoming: { content: spoken, success: true },
      outgoing: { content: `${spoken} ${spoken}`, success: true },
    });
    await rehearsal.server.stop();
  });

  it('queues nothing for calls that were not answered, and forgets none that ended while nobody looked', async () => {
    const rehearsal = await startRehearsal();
    const missed = await rig.addCall({ wasAnswered: false, segments: [['user', 'Ало?']] });
    const answered = await rig.addCall({ segments: [['user', 'Ало?']] });
    for (const callId of [missed, answered]) await rig.endCall(callId);
    expect(await rig.run('select 1 from call_endings')).toHaveLength(2);

    rig.startWork({ GEMINI_BASE_URL: rehearsal.baseUrl, SUMMARISE_AFTER_CALL: 'yes' });

    await expect.poll(() => statesOf(answered)).toEqual(['summarise completed']);
    expect(await statesOf(missed)).toEqual([]);
    expect(await rig.run('select 1 from call_endings')).toEqual([]);
    await rehearsal.server.stop();
  });

  it('S3: keeps transcript and summary byte for byte when program and locale know no letters', async () => {
    const rehearsal = await startRehearsal();
    rig.startWork({
      GEMINI_BASE_URL: rehearsal.baseUrl,
      TRANSCRIPTION_ENGINE: 'command',
      TRANSCRIPTION_COMMAND: command('say', `[00:00:01.000 --> 00:00:02.000] ${LETTERS}`),
    });
    const callId = await rig.addCall({ files: BOTH_SIDES });
    await rig.jobs.request(request('transcribe', callId));
    await expect.poll(() => statesOf(callId)).toEqual(['transcribe completed']);
    await rig.jobs.request(request('summarise', callId));
    await expect.poll(() => statesOf(callId)).toContain('summarise completed');

    const { transcripts, analysis } = await rig.rowOf(callId);
    expect(transcripts).toMatchObject({
      mixed: { content: `USER: ${LETTERS}\nAGENT: ${LETTERS}` },
      incoming: { content: LETTERS, length: LETTERS.length },
    });
    expect(analysis).toMatchObject({ summary: expect.stringContaining(`“${LETTERS}”`) as string });
    await rehearsal.server.stop();
  });

  it('tries again with delay, then fails visibly; the text there was stays', async () => {
    rig.startWork({ TRANSCRIPTION_ENGINE: 'command', TRANSCRIPTION_COMMAND: command('fail') });
    const callId = await rig.addCall({ files: BOTH_SIDES });
    const before = { mixed: { content: 'AGENT: Да.', success: true } };
    await rig.run('update call_sessions set transcripts = ?::jsonb where session_id = ?', [
      JSON.stringify(before),
      callId,
    ]);
    await rig.jobs.request(request('transcribe', callId));

    await expect.poll(() => statesOf(callId)).toEqual(['transcribe failed']);
    const [job] = await rig.jobsOf(callId);
    expect(job).toMatchObject({
      attempts: 2,
      failure: { code: 'engineFailed', message: 'The transcription program ended with code 3.' },
      finishedAt: expect.any(Date) as Date,
    });
    expect(await rig.rowOf(callId)).toMatchObject({
      status: 'in_call',
      transcript_status: 'failed',
      transcripts: before,
    });
  });

  it('does not try again what cannot succeed', async () => {
    rig.startWork({ TRANSCRIPTION_ENGINE: 'command', TRANSCRIPTION_COMMAND: command('say', '') });
    const [silent, withoutAudio] = [await rig.addCall({ files: BOTH_SIDES }), await rig.addCall()];
    await rig.jobs.request(request('transcribe', silent));
    await rig.jobs.request(request('transcribe', withoutAudio));

    await expect.poll(() => statesOf(silent)).toEqual(['transcribe failed']);
    await expect.poll(() => statesOf(withoutAudio)).toEqual(['transcribe failed']);
    expect((await rig.jobsOf(silent))[0]).toMatchObject({ attempts: 1, failure: { code: 'noSpeech' } });
    expect((await rig.jobsOf(withoutAudio))[0]).toMatchObject({ attempts: 1, failure: { code: 'noAudio' } });
  });

  it('has at most one open job of a kind for each call', async () => {
    const callId = await rig.addCall({ files: BOTH_SIDES });

    const requested = await Promise.all(
      Array.from({ length: 20 }, () => rig.jobs.request(request('transcribe', callId))),
    );

    expect(requested.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(requested.map(({ job }) => job.id)).size).toBe(1);
    expect(await rig.rowOf(callId)).toMatchObject({ transcript_status: 'pending' });
  });

  it.each([
    ['no JSON', { status: 200, text: 'Sorry, I cannot do that.' }, 'badAnswer', 2],
    ['another status than the three', { status: 200, text: '{"summary":"x","status":"maybe"}' }, 'badAnswer', 2],
    ['no summary', { status: 200, text: '{"status":"not_interested"}' }, 'badAnswer', 2],
    ['an error of its own', { status: 500, text: '' }, 'modelUnavailable', 2],
    ['that the key is wrong', { status: 403, text: '' }, 'modelRefused', 1],
  ])(
    'D9: keeps the summary there was, and the status of the call, when the model answers %s',
    async (_, answer, code, attempts) => {
      await using model = await startModel(() => answer);
      rig.startWork({ GEMINI_BASE_URL: model.baseUrl, GEMINI_API_KEY: 'a-secret-key' });
      const callId = await rig.addCall({ segments: [['user', 'Не.']] });
      const before = { summary: 'Искаше оферта.', status: 'interested' };
      await rig.run('update call_sessions set analysis = ?::jsonb where session_id = ?', [
        JSON.stringify(before),
        callId,
      ]);
      await rig.jobs.request(request('summarise', callId));

      await expect.poll(() => statesOf(callId)).toEqual(['summarise failed']);
      expect(await rig.rowOf(callId)).toMatchObject({ status: 'in_call', analysis: before });
      const [job] = await rig.jobsOf(callId);
      expect(job).toMatchObject({ attempts, failure: { code } });
      expect(JSON.stringify(job)).not.toContain('a-secret-key');
    },
  );

  it('asks for the language that was wanted, with the conversation as it was spoken', async () => {
    const text = JSON.stringify({ summary: '  Клиентът иска оферта. 👍 ', status: 'interested' });
    await using model = await startModel(() => ({ status: 200, text }));
    rig.startWork({ GEMINI_BASE_URL: model.baseUrl, GEMINI_API_KEY: 'key' });
    const callId = await rig.addCall({
      segments: [
        ['agent', 'Здравейте!'],
        ['user', 'Пратете ми оферта.'],
      ],
    });
    await rig.jobs.request(request('summarise', callId, { language: 'Finnish' }));

    await expect.poll(() => statesOf(callId)).toEqual(['summarise completed']);
    expect(await rig.rowOf(callId)).toMatchObject({
      analysis: { summary: 'Клиентът иска оферта. 👍', status: 'interested' },
    });
    const body = JSON.parse(model.asked[0] ?? '') as { contents: unknown; generationConfig: Record<string, unknown> };
    expect(JSON.stringify(body.contents)).toContain('AGENT: Здравейте!\\nUSER: Пратете ми оферта.');
    expect(JSON.stringify(body.contents)).toContain('Finnish');
    expect(body.generationConfig).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: { required: ['summary', 'status'] },
    });
  });

  it('waits for a database that is out, and does what was asked for meanwhile', async () => {
    const target = new URL(rig.url);
    const proxy = await createTcpProxy(Number(target.port));
    await proxy.cut();
    const throughProxy = Object.assign(new URL(rig.url), { port: String(proxy.port) }).href;
    rig.startWork(
      { TRANSCRIPTION_ENGINE: 'command', TRANSCRIPTION_COMMAND: command('say', 'Да.') },
      { url: throughProxy },
    );
    const first = await rig.addCall({ files: BOTH_SIDES });
    await rig.jobs.request(request('transcribe', first));

    await proxy.restore();
    await expect.poll(() => statesOf(first)).toEqual(['transcribe completed']);
    await proxy.cut();
    await proxy.restore();
    const second = await rig.addCall({ files: BOTH_SIDES });
    await rig.jobs.request(request('transcribe', second));

    await expect.poll(() => statesOf(second)).toEqual(['transcribe completed']);
    await proxy.close();
  });

  it('leaves a job that is stopped in the middle to the next process', async () => {
    const environment = { TRANSCRIPTION_ENGINE: 'command', TRANSCRIPTION_COMMAND: command('linger', '/dev/null') };
    const callId = await rig.addCall({ files: BOTH_SIDES });
    await rig.jobs.request(request('transcribe', callId));
    const work = rig.startWork(environment);
    await expect.poll(() => statesOf(callId)).toEqual(['transcribe running']);
    await work[Symbol.asyncDispose]();
    expect((await rig.jobsOf(callId))[0]).toMatchObject({ state: 'retrying', failure: { code: 'stopped' } });

    rig.startWork({ ...environment, TRANSCRIPTION_COMMAND: command('say', 'Да.') });

    await expect.poll(() => statesOf(callId)).toEqual(['transcribe completed']);
  });

  it('shows jobs to those who may see the call', async () => {
    const [mine, theirs, nobodys] = [
      await rig.addCall({ ownerId: await addUser(rig, 'mine') }),
      await rig.addCall({ ownerId: await addUser(rig, 'theirs') }),
      await rig.addCall(),
    ];
    for (const callId of [mine, theirs, nobodys]) await rig.jobs.request(request('summarise', callId));
    const everything = { kind: null, state: null, callId: null, before: null, limit: 10 };
    const [owner] = await rig.run<{ id: number }>(`select owner_id as id from call_sessions where session_id = ?`, [
      mine,
    ]);

    const seen = await rig.jobs.list({ kind: 'owners', ids: [owner?.id ?? 0] }, everything);
    const page = await rig.jobs.list({ kind: 'everyone' }, { ...everything, limit: 2 });
    const rest = await rig.jobs.list({ kind: 'everyone' }, { ...everything, before: page.at(-1) ?? null });

    expect(seen.map(({ callId }) => callId)).toEqual([mine]);
    expect(await rig.jobs.list({ kind: 'owners', ids: [] }, everything)).toEqual([]);
    expect([...page, ...rest].map(({ callId }) => callId).sort()).toEqual([mine, theirs, nobodys].sort());
  });
});

const addUser = async (rig: PostCallRig, name: string): Promise<number> => {
  const [user] = await rig.run<{ id: number }>(
    `insert into users (username, email, hashed_password, role) values (?, ?, '', 'admin') returning id`,
    [name, `${name}@example.com`],
  );
  return user?.id ?? 0;
};
