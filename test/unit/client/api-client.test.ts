import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { createApiClient, type ApiClient } from '../../../client/api-client.ts';
import { callRecord, createHttpFixture, TOKEN } from '../../fakes/http.ts';

/** `fetch` into the application, without a socket. */
const clientOf = ({ app }: ReturnType<typeof createHttpFixture>, token: string | null): ApiClient =>
  createApiClient({
    baseUrl: 'http://localhost',
    token: () => token,
    fetch: async (input, init = {}) => {
      const answer = await app.inject({
        method: (init.method ?? 'GET') as NonNullable<InjectOptions['method']>,
        url: (input as string).replace('http://localhost', ''),
        headers: init.headers as Record<string, string>,
        ...(init.body ? { payload: init.body as string } : {}),
      });
      const headers = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]);
      return new Response(answer.body, { status: answer.statusCode, headers });
    },
  });

describe('the typed client', () => {
  it('fills path and query, and gives the answer as it is', async () => {
    const fixture = createHttpFixture();
    fixture.rows.calls.push(callRecord(1), callRecord(2));
    const client = clientOf(fixture, TOKEN);

    const page = await client.listCalls({ query: { limit: 1, status: 'answered' } });
    const call = await client.getCall({ path: { callId: page.calls[0]?.callId ?? '' } });

    expect(page.calls).toHaveLength(1);
    expect(page.nextCursor).not.toBeNull();
    expect(call).toMatchObject({ callId: page.calls[0]?.callId, status: 'answered' });
  });

  it('throws what the API says of a refusal', async () => {
    const client = clientOf(createHttpFixture(), null);

    await expect(client.listJobs()).rejects.toMatchObject({
      name: 'ApiError',
      status: 401,
      body: expect.anything() as unknown,
    });
    const known = clientOf(createHttpFixture(), TOKEN);
    await expect(known.getJob({ path: { jobId: 'no-such-job' } })).rejects.toMatchObject({
      status: 404,
      code: 'job_not_found',
      message: 'No job has this id.',
    });
  });

  it('hands over what is no JSON as a response', async () => {
    const client = clientOf(createHttpFixture(), TOKEN);

    const metrics = await client.getMetrics();

    expect(await metrics.text()).toBe('up 1\n');
  });
});
