import { expect, it } from 'vitest';
import { createLoginLimit } from '#http/crm/login-limit.ts';

const start = (change: object = {}) => {
  const clock = { now: 0 };
  const limit = createLoginLimit({
    ...{ now: () => clock.now, perUser: 3, perAddress: 5, windowMs: 1_000, maxKeys: 100 },
    ...change,
  });
  const fail = (address: string, username: string, times: number) => {
    for (let failure = 0; failure < times; failure += 1) limit.failed(address, username);
  };
  return { clock, limit, fail };
};

const REFUSED = expect.objectContaining({ statusCode: 429, headers: { 'retry-after': '1' } });
const check = (limit: ReturnType<typeof start>['limit'], address: string, username: string) => () =>
  limit.check(address, username);

it('a name is refused after its failures, whatever its case, from that address alone, until the window ends', () => {
  const { clock, limit, fail } = start();
  fail('1.2.3.4', 'Ivan', 2);
  limit.check('1.2.3.4', 'ivan');
  fail('1.2.3.4', 'ivan', 1);
  expect(check(limit, '1.2.3.4', 'IVAN')).toThrow(REFUSED);
  limit.check('1.2.3.4', 'maria');
  limit.check('5.6.7.8', 'ivan');
  clock.now = 1_000;
  limit.check('1.2.3.4', 'ivan');
});

it('an address is refused after its failures with any names', () => {
  const { limit, fail } = start();
  for (const name of ['a', 'b', 'c', 'd', 'e']) fail('1.2.3.4', name, 1);
  expect(check(limit, '1.2.3.4', 'f')).toThrow(REFUSED);
});

it('success forgets the failures of the name', () => {
  const { limit, fail } = start();
  fail('1.2.3.4', 'ivan', 2);
  limit.succeeded('1.2.3.4', 'ivan');
  fail('1.2.3.4', 'ivan', 2);
  limit.check('1.2.3.4', 'ivan');
});

it('who makes up names without end fills no memory', () => {
  const { limit, fail } = start({ maxKeys: 4 });
  for (let n = 0; n < 50; n += 1) fail(`10.0.0.${n}`, 'x', 1);
  fail('1.2.3.4', 'ivan', 3);
  expect(check(limit, '1.2.3.4', 'ivan')).toThrow(REFUSED);
});
