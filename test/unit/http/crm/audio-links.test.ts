import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { createAudioLinks } from '#http/crm/audio-links.ts';

const SECRET = 'a secret of the tests that is long enough';
const PATH = 'sessions/417252eb-ca15-4ca7-b518-a5e053ad59d1/mixed_20251201_120423.wav';
const at = (now: number) => createAudioLinks({ secret: SECRET, lifetimeSeconds: 60, now: () => now });

it('signs path and end by HMAC-SHA-256', () => {
  const [, expiry = '', mac] = /\?token=(\w+)\.([\w-]+)$/.exec(at(1_000_000).sign(PATH)) ?? [];
  const key = createHmac('sha256', SECRET).update('audio links').digest();
  expect(Number.parseInt(expiry, 36)).toBe(1_060);
  expect(mac).toBe(createHmac('sha256', key).update(`${expiry}\n${PATH}`).digest('base64url'));
});

it('signs paths of any length, one after another, as if each were the only one', () => {
  const key = createHmac('sha256', SECRET).update('audio links').digest();
  const links = at(1_000_000);
  for (const path of ['a', `${PATH}/${'я'.repeat(2_000)}`, PATH, '']) {
    const [expiry, mac] = links.sign(path).split('?token=')[1]?.split('.') ?? [];
    expect(mac).toBe(createHmac('sha256', key).update(`${expiry}\n${path}`).digest('base64url'));
  }
});

it('is good until its end, for its path', () => {
  const token = at(1_000_000).sign(PATH).split('token=')[1] ?? '';
  expect(at(1_059_999).isValid(PATH, token)).toBe(true);
  expect(at(1_060_000).isValid(PATH, token)).toBe(false);
  expect(at(1_000_000).isValid(`${PATH}x`, token)).toBe(false);
  expect(at(1_000_000).isValid(PATH, '')).toBe(false);
  expect(at(1_000_000).isValid(PATH, token.replace(/^\w+/, 'zzzzzz'))).toBe(false);
});

it('takes no other spelling of the same octets', () => {
  const token = at(1_000_000).sign(PATH).split('token=')[1] ?? '';
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const accepted = [...letters].filter((last) => at(1_000_000).isValid(PATH, token.slice(0, -1) + last));
  expect(accepted).toEqual([token.at(-1)]);
});
