import { describe, expect, it } from 'vitest';
import { callId, callRecord, createHttpFixture, transition } from '../../fakes/http.ts';

const url = (query = '', n = 1) => `/api/v1/calls/${callId(n)}/replay${query}`;

const withTransitions = (count: number) => {
  const fixture = createHttpFixture();
  fixture.rows.calls.push(callRecord(1));
  fixture.rows.transitions.push(...Array.from({ length: count }, (_, seq) => transition(1, seq)));
  return fixture;
};

describe('the replay of a call', () => {
  it.each([
    ['to its end', '', 4],
    ['up to a transition', '?seq=2', 2],
    ['up to a time', '?at=2026-11-20T12:00:00.001Z', 1],
    ['beyond its end', '?seq=99', 4],
  ])('goes %s', async (_how, query, seq) => {
    const { get } = withTransitions(5);
    expect((await get(url(query))).json()).toEqual({
      callId: callId(1),
      seq,
      at: `2026-11-20T12:00:00.00${seq}Z`,
      actors: [
        {
          actorPath: 'call',
          incarnation: 1,
          machine: 'call',
          machineVersion: 1,
          state: 'closing',
          context: { seq },
          diverged: [],
        },
      ],
    });
  });

  it('reads a long journal to its end', async () => {
    const { get, rows } = withTransitions(2_500);
    expect((await get(url())).json()).toMatchObject({ seq: 2_499 });
    expect(rows.asked).toEqual(['timeline', 'timeline', 'timeline']);
  });

  it('is empty before the first transition', async () => {
    const { get } = withTransitions(0);
    expect((await get(url())).json()).toEqual({ callId: callId(1), seq: 0, at: null, actors: [] });
  });

  it.each([
    ['an unknown call', url('', 9), 404],
    ['a wrong number', url('?seq=x'), 422],
    ['a wrong time', url('?at=yesterday'), 422],
    ['an unknown parameter', url('?from=1'), 422],
  ])('refuses %s', async (_what, path, status) => {
    const { get } = withTransitions(1);
    expect((await get(path)).statusCode).toBe(status);
  });
});
