import { describe, expect, it } from 'vitest';
import { defaultContentType, localise, header, parseAppMessage } from '#sip/server/message/app-message.ts';
import { buildResponse } from '#sip/server/message/build-response.ts';
import { canonicalName, headerKey } from '#sip/server/message/header-names.ts';
import { parseVia } from '#sip/server/message/header-values.ts';
import type { SipRequest } from '#sip/server/message/sip-message.ts';
import { stampSource } from '#sip/server/message/via.ts';

const request = (method: string, ...headers: [string, string][]): SipRequest => ({
  kind: 'request',
  method,
  uri: 'sip:b@h',
  headers: headers.map(([name, value]) => ({ name, key: headerKey(name), value })),
  body: '',
});

describe('header names', () => {
  it.each([
    ['i', 'call-id', 'Call-ID'],
    ['cseq', 'cseq', 'CSeq'],
    ['WWW-authenticate', 'www-authenticate', 'WWW-Authenticate'],
    ['p-asserted-identity', 'p-asserted-identity', 'P-Asserted-Identity'],
    ['session-expires', 'session-expires', 'Session-Expires'],
    ['X-My-thing', 'x-my-thing', 'X-My-thing'],
    ['constructor', 'constructor', 'Constructor'],
  ])('%s is %s and is written %s', (name, key, written) => {
    expect([headerKey(name), canonicalName(name)]).toEqual([key, written]);
  });
});

describe('the source stamp of a request', () => {
  it.each([
    ['SIP/2.0/UDP 10.0.0.1:5060;branch=b', 'SIP/2.0/UDP 10.0.0.1:5060;branch=b;received=10.0.0.9;rport=7'],
    ['SIP/2.0/UDP 10.0.0.9;rport;branch=b, SIP/2.0/UDP x', 'SIP/2.0/UDP 10.0.0.9;branch=b;rport=7, SIP/2.0/UDP x'],
    ['SIP/2.0/UDP h;received=1.1.1.1;rport=1;branch=b', 'SIP/2.0/UDP h;branch=b;received=10.0.0.9;rport=7'],
  ])('turns %s into %s', (value, expected) => {
    const message = request('OPTIONS', ['Via', value]);
    const via = parseVia(value.split(',')[0] ?? '');
    if (!via) throw new Error('no Via');
    stampSource(message, via, { host: '10.0.0.9', port: 7 });
    expect(message.headers[0]?.value).toBe(expected);
  });
});

describe('a response', () => {
  const headers: [string, string][] = [
    ['v', 'SIP/2.0/UDP a'],
    ['Via', 'SIP/2.0/UDP b'],
    ['Record-Route', '<sip:p;lr>'],
    ['f', '<sip:a@h>;tag=1'],
    ['t', '<sip:b@h>'],
    ['i', 'c'],
    ['CSeq', '1 INVITE'],
    ['Timestamp', '5'],
    ['Subject', 'x'],
  ];

  it('S5: repeats Via, From, To, Call-ID and CSeq in full', () => {
    const { headers: given } = buildResponse(request('BYE', ...headers), { status: 200, toTag: 't' });
    expect(given.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'v: SIP/2.0/UDP a',
      'Via: SIP/2.0/UDP b',
      'f: <sip:a@h>;tag=1',
      't: <sip:b@h>;tag=t',
      'i: c',
      'CSeq: 1 INVITE',
    ]);
  });

  it('that makes a dialog repeats Record-Route; 100 repeats Timestamp', () => {
    const keys = (status: number): string[] =>
      buildResponse(request('INVITE', ...headers), { status }).headers.map(({ key }) => key);
    expect(keys(180)).toContain('record-route');
    expect(keys(486)).not.toContain('record-route');
    expect(keys(100)).toEqual(['via', 'via', 'from', 'to', 'call-id', 'cseq', 'timestamp']);
  });

  it('keeps a To tag that is there', () => {
    const made = buildResponse(request('BYE', ['To', '<sip:b@h> ; tag=x']), { status: 200, toTag: 't' });
    expect(made.headers[0]?.value).toBe('<sip:b@h> ; tag=x');
  });
});

describe('a message of an application', () => {
  it('has canonical names, loses what only the server writes, and its body is all that follows', () => {
    const read = parseAppMessage(
      'SIP/2.0 200 OK\r\nvia: x\r\nl: 1\r\nroute: y\r\ncontact: z\r\nx-A: b\r\n\r\nv=0\r\n\r\nmore',
    );
    expect(read?.headers.map(({ name }) => name)).toEqual(['Contact', 'x-A']);
    expect(read?.message.body).toBe('v=0\r\n\r\nmore');
    expect(parseAppMessage('nonsense')).toBeNull();
  });

  it.each([
    ['contact', 'sip:a@localhost', '<sip:a@1.2.3.4:5060>'],
    ['from', '"A" <sip:a@localhost>;tag=1', '"A" <sip:a@1.2.3.4:5060>;tag=1'],
    ['contact', '<sip:localhost;transport=tcp>', '<sip:1.2.3.4:5060;transport=tcp>'],
    ['to', 'sip:b@localhost.example', '<sip:b@localhost.example>'],
    ['contact', '*', '*'],
    ['subject', 'a@localhost', 'a@localhost'],
  ])('%s: %s becomes %s', (name, value, expected) => {
    expect(localise([header(name, value)], '1.2.3.4:5060')[0]?.value).toBe(expected);
  });

  it('gets a Content-Type for SDP, and none can be guessed for other bodies', () => {
    const typeOf = (text: string): unknown => {
      const read = parseAppMessage(text);
      return read && defaultContentType(read)?.map(({ value }) => value);
    };
    expect(typeOf('INFO sip:a SIP/2.0\r\n\r\n')).toEqual([]);
    expect(typeOf('INFO sip:a SIP/2.0\r\n\r\nv=0')).toEqual(['application/sdp']);
    expect(typeOf('INFO sip:a SIP/2.0\r\nc: text/plain\r\n\r\nx')).toEqual([]);
    expect(typeOf('INFO sip:a SIP/2.0\r\n\r\nx')).toBeUndefined();
  });
});
