import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  paramOf,
  parseHostPort,
  parseNameAddr,
  parseNumber,
  parseVia,
  splitFirst,
  splitList,
} from '#sip/server/message/header-values.ts';
import { parseSipUri, transportOf } from '#sip/server/message/sip-uri.ts';

describe('header values', () => {
  it.each([
    ['a, b ,c', ['a', 'b', 'c']],
    ['"a,b" <sip:x,y>, <sip:z>', ['"a,b" <sip:x,y>', '<sip:z>']],
    ['"a\\",b", c', ['"a\\",b"', 'c']],
    [' , ,', []],
    ['"never closed, a', ['"never closed, a']],
  ])('splits %s', (value, elements) => {
    expect(splitList(value)).toEqual(elements);
  });

  it('takes the first element and keeps the rest as it is', () => {
    expect(splitFirst('a;x="1,2", b,c')).toEqual({ first: 'a;x="1,2"', rest: ', b,c' });
    expect(splitFirst('a')).toEqual({ first: 'a', rest: '' });
  });

  it.each([
    [';tag=1;x', 'tag', '1'],
    ['; TAG = 1 ;x', 'tag', '1'],
    [';x="a;tag=no";tag=1', 'tag', '1'],
    [';lr', 'lr', ''],
    [';tagged=1', 'tag', undefined],
    ['', 'tag', undefined],
  ])('finds in %s the parameter %s', (params, name, expected) => {
    expect(paramOf(params, name)).toBe(expected);
  });

  it.each([
    ['"A <b>" <sip:a@h;p=1>;tag=2', { uri: 'sip:a@h;p=1', params: ';tag=2' }],
    ['A B <sip:a@h>', { uri: 'sip:a@h', params: '' }],
    ['sip:a@h;tag=2', { uri: 'sip:a@h', params: ';tag=2' }],
    ['<sip:a@h', null],
  ])('reads the address %s', (value, expected) => {
    expect(parseNameAddr(value)).toEqual(expected);
  });

  it.each([
    ['h', { host: 'h', port: null }],
    ['h : 5061', { host: 'h', port: 5061 }],
    ['[::1]:5061', { host: '[::1]', port: 5061 }],
    ['[::1]', { host: '[::1]', port: null }],
    ['h:', null],
    ['h:0', null],
    ['h:65536', null],
    ['[::1', null],
    ['', null],
    ['a b', null],
  ])('reads the host and port %s', (text, expected) => {
    expect(parseHostPort(text)).toEqual(expected);
  });

  it.each([
    ['0', 0],
    ['10', 10],
    ['11', null],
    ['', null],
    ['1x', null],
    ['99999999999', null],
  ])('reads the number %s up to 10', (text, expected) => {
    expect(parseNumber(text, 10)).toBe(expected);
  });

  it('never throws on anything', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom(...';,<>"\\= a'.split('')) }),
        (a, b) => {
          for (const text of [a, b, a + b]) {
            splitList(text);
            splitFirst(text);
            paramOf(text, 'tag');
            parseNameAddr(text);
            parseVia(text);
            parseHostPort(text);
            parseSipUri(text);
          }
        },
      ),
    );
  });
});

describe('SIP URIs', () => {
  it.each([
    [
      'sip:a;x@h:5061;transport=TCP?h=1',
      { scheme: 'sip', user: 'a;x', host: 'h', port: 5061, params: ';transport=TCP' },
    ],
    ['SIPS:h', { scheme: 'sips', user: '', host: 'h', port: null, params: '' }],
    ['sip:a@[::1]:5061', { scheme: 'sip', user: 'a', host: '[::1]', port: 5061, params: '' }],
    ['tel:+3591', null],
    ['sip:', null],
    ['sip:a@h:x', null],
    ['sip:a b@h', null],
    ['h', null],
  ])('reads %s', (text, expected) => {
    expect(parseSipUri(text)).toEqual(expected);
  });

  it('knows the transport a URI asks for', () => {
    expect(parseSipUri('sip:h;transport=TCP')).toSatisfy((uri) => transportOf(uri) === 'tcp');
    expect(parseSipUri('sip:h')).toSatisfy((uri) => transportOf(uri) === null);
  });
});
