import { describe, expect, it } from 'vitest';
import { createPasswords } from '#app/passwords.ts';

const CHEAP = { N: 1_024, r: 8, p: 1 };
const passwords = createPasswords(CHEAP);

describe('a password', () => {
  it('is right when it is the same, and wrong when anything differs', async () => {
    const hashed = await passwords.hash('Парола 123');
    expect(await passwords.verify('Парола 123', hashed)).toBe(true);
    for (const wrong of ['парола 123', 'Парола 123 ', '', 'Парола 12']) {
      expect(await passwords.verify(wrong, hashed)).toBe(false);
    }
  });

  it('has another hash each time, with its parameters, and not itself in it', async () => {
    const [first, second] = await Promise.all([passwords.hash('secret'), passwords.hash('secret')]);
    expect(first).toMatch(/^scrypt\$1024\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(first).not.toBe(second);
  });

  it('stays right when the parameters change', async () => {
    const hashed = await createPasswords({ N: 2_048, r: 4, p: 2 }).hash('secret');
    expect(await passwords.verify('secret', hashed)).toBe(true);
  });

  it('is not cut after 72 bytes', async () => {
    const hashed = await passwords.hash('x'.repeat(100));
    expect(await passwords.verify('x'.repeat(99), hashed)).toBe(false);
    expect(await passwords.verify('x'.repeat(100), hashed)).toBe(true);
  });

  it('is the same however its accents were typed', async () => {
    const hashed = await passwords.hash('caf\u00e9');
    expect(await passwords.verify('cafe\u0301', hashed)).toBe(true);
  });

  it('of nobody, or with a hash that is none, is wrong', async () => {
    for (const hashed of [null, '', 'x', 'scrypt$0$8$1$aaaaaaaaaaaa$aaaaaaaaaaaaaaaaaaaaaaaaa']) {
      await expect(passwords.verify('secret', hashed).catch(() => false)).resolves.toBe(false);
    }
  });
});

it('passwords are computed one at a time; when too many wait the next is refused at once', async () => {
  const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.hash('secret')));
  const refused = all.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(10);
  expect(refused[0]).toMatchObject({ reason: { code: 'busy' } });
  expect(await passwords.hash('secret')).toContain('scrypt$');
});
