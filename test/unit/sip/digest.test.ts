import { describe, expect, it } from 'vitest';
import { authorise, readChallenges } from '#sip/digest.ts';

const parametersOf = (header: string) =>
  Object.fromEntries([...header.matchAll(/(\w+)="?([^",]+)"?/g)].map(([, name = '', value = '']) => [name, value]));

describe('an answer to a challenge', () => {
  // RFC 7616 3.9.1.
  const given = {
    credentials: { username: 'Mufasa', password: 'Circle of Life' },
    request: { method: 'GET', uri: '/dir/index.html', body: '' },
    nonces: { count: 1, cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
  };
  const challenges = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('C6: is that of the vectors for %s', (algorithm, response) => {
    const challenge = readChallenges(challenges(algorithm));
    if (!challenge) throw new Error('The challenge was not read.');
    const header = authorise(challenge, given.credentials, given.request, given.nonces);
    expect(parametersOf(header)).toMatchObject({ response, nc: '00000001', qop: 'auth', algorithm });
    expect(header).toContain('qop=auth, nc=00000001');
  });

  it('C6: is that of RFC 2069 for a server that knows no qop', () => {
    const challenge = readChallenges(
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    if (!challenge) throw new Error('The challenge was not read.');
    const header = authorise(
      challenge,
      { username: 'Mufasa', password: 'CircleOfLife' },
      { method: 'GET', uri: '/dir/index.html', body: '' },
      { count: 1, cnonce: 'unused' },
    );
    expect(parametersOf(header)).toMatchObject({ response: '1949323746fe6a43ef61f9606e7febea' });
    expect(header).not.toMatch(/qop|nc=|cnonce|algorithm/);
  });

  it('counts in hexadecimal, and quotes what needs it', () => {
    const challenge = readChallenges('Digest realm="a \\"b\\"", nonce="n", qop="auth"');
    if (!challenge) throw new Error('The challenge was not read.');
    const header = authorise(
      challenge,
      { username: 'u"x', password: 'p' },
      { method: 'REGISTER', uri: 'sip:x', body: '' },
      { count: 26, cnonce: 'c' },
    );
    expect(header).toContain('nc=0000001a');
    expect(header).toContain('username="u\\"x", realm="a \\"b\\""');
  });
});

describe('a challenge', () => {
  it('is the strongest of several in one header, also with commas in quotes', () => {
    const header =
      'Digest realm="a, b", nonce="1,2", algorithm=MD5, qop="auth", DIGEST realm="a, b", nonce="3", algorithm=SHA-256, qop="auth", Basic realm="x"';
    expect(readChallenges(header)).toMatchObject({ realm: 'a, b', nonce: '3', algorithm: 'SHA-256' });
  });

  it('tells that a nonce was stale, and session keys', () => {
    expect(readChallenges('Digest realm="r", nonce="n", stale=TRUE, algorithm=MD5-sess')).toMatchObject({
      isStale: true,
      isSession: true,
      algorithm: 'MD5',
      algorithmText: 'MD5-sess',
    });
  });

  it.each([null, '', 'Basic realm="x"', 'Digest nonce="n"', 'Digest realm="r", nonce="n", algorithm=ROT13', 'Digest'])(
    'is none in %j',
    (header) => {
      expect(readChallenges(header)).toBeNull();
    },
  );
});
