import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerKey } from '#sip/server/message/header-names.ts';
import { parseMessage } from '#sip/server/message/message-parser.ts';
import { serialise } from '#sip/server/message/message-serialiser.ts';
import { headerValue, type SipMessage } from '#sip/server/message/sip-message.ts';

const lines = (...all: string[]): string => all.join('\r\n');

const INVITE = lines(
  'INVITE sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1, SIP/2.0/TCP proxy;branch=z9hG4bK0',
  'From: "A, \\"quoted\\" <b>;tag=no" <sip:a@example.com>;tag=f1',
  'To: <sip:bob@example.com>',
  'Call-ID: c1',
  'CSeq: 7 INVITE',
  'Content-Length: 4',
  '',
  'body',
);

/** The reason a message is refused, with its status. */
const refusal = (text: string): string => {
  const result = parseMessage(text);
  return result.type === 'bad' ? `${result.error.status} ${result.error.message}` : result.type;
};

const parsedRequest = (text: string) => {
  const result = parseMessage(text);
  if (result.type !== 'request') throw new Error(refusal(text));
  return result.parsed;
};

describe('the message parser', () => {
  it('reads what transactions and dialogs match by', () => {
    const { message, facts } = parsedRequest(INVITE);
    expect([message.method, message.uri, message.body]).toEqual(['INVITE', 'sip:bob@example.com', 'body']);
    expect(facts).toEqual({
      via: { transport: 'UDP', host: '10.0.0.1', port: 5070, branch: 'z9hG4bK1', params: ';branch=z9hG4bK1' },
      callId: 'c1',
      cseq: 7,
      method: 'INVITE',
      fromTag: 'f1',
      toTag: '',
    });
  });

  it('reads compact, folded and oddly spaced headers', () => {
    const { message, facts } = parsedRequest(
      lines(
        'OPTIONS sip:bob@example.com SIP/2.0',
        'v  :  SIP / 2.0 / UDP  host : 5061 ;branch=b',
        'f: sip:a@example.com;tag=f1',
        't:',
        ' <sip:bob@example.com>',
        '\t;tag=t1',
        'i: c1',
        'CSEQ: 009 OPTIONS',
        'l: 0',
        '\r\n',
      ),
    );
    expect(message.headers.map(({ key }) => key)).toEqual(['via', 'from', 'to', 'call-id', 'cseq', 'content-length']);
    expect(headerValue(message, 'to')).toBe('<sip:bob@example.com> ;tag=t1');
    expect([facts.via.host, facts.via.port, facts.cseq, facts.fromTag, facts.toTag]).toEqual([
      ...['host', 5061, 9, 'f1', 't1'],
    ]);
  });

  it('cuts a datagram at Content-Length, takes all without one, and refuses one that is too short', () => {
    expect(parsedRequest(INVITE.replace('Length: 4', 'Length: 2')).message.body).toBe('bo');
    expect(parsedRequest(INVITE.replace('Content-Length: 4\r\n', '')).message.body).toBe('body');
    expect(refusal(INVITE.replace('Length: 4', 'Length: 5'))).toBe('400 Body shorter than Content-Length');
  });

  it.each([
    ['400 Bad Content-Length', INVITE.replace('Length: 4', 'Length: x')],
    ['400 Bad Content-Length', INVITE.replace('Length: 4', 'Length: -4')],
    ['400 Bad Content-Length', INVITE.replace('Length: 4', 'Length: 4\r\nl: 3')],
    ['400 Missing via', INVITE.replace(/Via:.*\r\n/, '')],
    ['400 Missing call-id', INVITE.replace('Call-ID: c1\r\n', '')],
    ['400 Repeated call-id', INVITE.replace('Call-ID: c1', 'Call-ID: c1\r\ni: c2')],
    ['400 Repeated cseq', INVITE.replace('CSeq: 7 INVITE', 'CSeq: 7 INVITE\r\nCSeq: 8 INVITE')],
    ['400 CSeq method mismatch', INVITE.replace('7 INVITE', '7 BYE')],
    ['400 Bad CSeq', INVITE.replace('7 INVITE', '2147483648 INVITE')],
    ['400 Bad CSeq', INVITE.replace('7 INVITE', 'INVITE')],
    ['400 Bad Via', INVITE.replace('SIP/2.0/UDP 10', 'nothing 10')],
    ['400 Bad Via', INVITE.replace('10.0.0.1:5070', '10.0.0.1:99999')],
    ['400 Bad to', INVITE.replace('<sip:bob@example.com>', '<sip:bob@example.com')],
    ['400 Bad Call-ID', INVITE.replace('Call-ID: c1', 'Call-ID: c 1')],
    ['400 Malformed header', INVITE.replace('Call-ID: c1', 'no header at all')],
    ['400 Malformed header', INVITE.replace('Call-ID:', 'Call ID:')],
    ['400 Control character in header', INVITE.replace('Call-ID: c1', 'Call-ID: c1\nX: 1')],
    ['400 Malformed request line', INVITE.replace('INVITE sip', 'INVITE  sip')],
    ['400 Malformed request line', ''],
    ['400 Malformed version', INVITE.replace('com SIP/2.0', 'com HTTP/1.1')],
    ['505 Version Not Supported', INVITE.replace('com SIP/2.0', 'com SIP/3.0')],
    ['400 Malformed status line', 'SIP/2.0 99 Odd\r\n\r\n'],
    ['400 Malformed status line', 'SIP/2.0 2000 Odd\r\n\r\n'],
    ['400 Folded line without header', INVITE.replace('\r\n', '\r\n folded\r\n')],
  ])('refuses: %s', (expected, text) => {
    expect(refusal(text)).toBe(expected);
  });

  it('never throws, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(['request', 'response', 'bad']).toContain(parseMessage(text).type);
      }),
    );
  });

  it('never throws on a message with some bytes changed, dropped or doubled', () => {
    const damage = fc.record({
      at: fc.nat({ max: INVITE.length - 1 }),
      remove: fc.nat({ max: 30 }),
      insert: fc.string({ unit: fc.constantFrom(...'\r\n \t:;,<>"\\=@a0\0\xff'.split('')), maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        let text = INVITE;
        for (const { at, remove, insert } of damages) text = text.slice(0, at) + insert + text.slice(at + remove);
        expect(['request', 'response', 'bad']).toContain(parseMessage(text).type);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back every message that the serialiser writes', () => {
    const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019-._~'.split('')), minLength: 1, maxLength: 12 });
    const value = fc.string({ unit: fc.constantFrom(...'abc XYZ019;=",<>\\:@\xe9\xff'.split('')), maxLength: 30 });
    const extra = fc.tuple(token, value).map(([name, text]) => ({
      name: `X${name}`,
      key: headerKey(`X${name}`),
      value: text.trim(),
    }));
    const message = fc
      .record({ method: token, tag: token, callId: token, cseq: fc.nat(), extras: fc.array(extra), body: value })
      .map(({ method, tag, callId, cseq, extras, body }): SipMessage => {
        const header = (name: string, text: string) => ({ name, key: name.toLowerCase(), value: text });
        const headers = [
          header('Via', `SIP/2.0/UDP h;branch=${tag}`),
          header('From', `<sip:a@h>;tag=${tag}`),
          header('To', '<sip:b@h>'),
          header('Call-ID', callId),
          header('CSeq', `${cseq} ${method}`),
          ...extras,
        ];
        return { kind: 'request', method, uri: 'sip:b@h', headers, body };
      });
    fc.assert(
      fc.property(message, (given) => {
        const text = serialise(given);
        const { message: read } = parsedRequest(text);
        expect(read.headers.at(-1)).toEqual({
          name: 'Content-Length',
          key: 'content-length',
          value: String(given.body.length),
        });
        expect({ ...read, headers: read.headers.slice(0, -1) }).toEqual(given);
        expect(serialise(read)).toBe(text);
      }),
    );
  });

  it('leaves bytes that are no UTF-8 as they are', () => {
    const bytes = Buffer.from(INVITE.replace('body', '\xff\xfe\xe9!'), 'latin1');
    const { message } = parsedRequest(bytes.toString('latin1'));
    expect(Buffer.from(serialise(message), 'latin1').subarray(-4)).toEqual(bytes.subarray(-4));
  });
});
