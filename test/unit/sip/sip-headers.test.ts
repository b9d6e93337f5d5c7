import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digitOf, mediaTypeOf, optionTagsOf, reasonTextOf, sdpOf, tagOf, uriOf, userOf } from '#sip/sip-headers.ts';

describe('values of SIP headers', () => {
  it.each([
    ['<sip:a@b>;tag=1', '1'],
    ['"x;tag=no" <sip:a@b;tag=uri>;other=2;TAG = yes', 'yes'],
    ['sip:a@b;tag=bare', 'bare'],
    ['<sip:a@b>', null],
    [null, null],
  ])('reads the tag of %j as %j', (value, expected) => {
    expect(tagOf(value)).toBe(expected);
  });

  it.each([
    ['"Alice <x>" <sip:a@b:5060;transport=tcp>;tag=1', 'sip:a@b:5060;transport=tcp'],
    ['sip:a@b;tag=1', 'sip:a@b'],
    ['<tel:+359888>', 'tel:+359888'],
    ['*', null],
    [null, null],
  ])('reads the URI of %j as %j', (value, expected) => {
    expect(uriOf(value)).toBe(expected);
  });

  it.each([
    ['sip:+359888@host', '+359888'],
    ['sip:+359888;phone-context=x:secret@host', '+359888'],
    ['sips:alice:pw@host', 'alice'],
    ['tel:+359888;ext=1', '+359888'],
    ['sip:host', null],
    [null, null],
  ])('reads the user of %j as %j', (uri, expected) => {
    expect(userOf(uri)).toBe(expected);
  });

  it('reads option tags, media type and reason', () => {
    expect(optionTagsOf(' 100rel, Timer ,,')).toEqual(['100rel', 'timer']);
    expect(optionTagsOf(null)).toEqual([]);
    expect(mediaTypeOf('Application/SDP; charset=utf-8')).toBe('application/sdp');
    expect(reasonTextOf('Q.850;cause=16;text="Normal call clearing"')).toBe('Normal call clearing');
    expect(reasonTextOf('SIP;cause=200')).toBe('SIP;cause=200');
  });

  it.each([
    ['application/sdp', 'v=0\r\n', 'v=0\r\n'],
    [null, 'v=0\r\n', 'v=0\r\n'],
    [null, 'hello', null],
    ['text/plain', 'v=0\r\n', null],
    ['application/sdp', '\r\n', null],
    [
      'multipart/mixed;boundary="b1"',
      '--b1\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\no=x\r\n--b1--',
      'v=0\r\no=x',
    ],
    ['multipart/mixed', '--b1', null],
  ])('finds the SDP of a body of type %j', (type, body, expected) => {
    expect(sdpOf(type, body)).toBe(expected);
  });

  it('never throws, whatever a peer writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (value, body) => {
        for (const read of [tagOf, uriOf, userOf, optionTagsOf, mediaTypeOf, reasonTextOf]) read(value);
        sdpOf(value, body);
        digitOf('application/dtmf-relay', body);
      }),
    );
  });
});
