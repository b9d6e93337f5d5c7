import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStreamFramer, type StreamItem } from '#sip/server/transports/stream-framer.ts';

const message = (method: string, body = ''): string =>
  `${method} sip:a@h SIP/2.0\r\nCall-ID: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** Everything a stream yields when it comes in these pieces. */
function feed(...chunks: string[]): StreamItem[] {
  const framer = createStreamFramer();
  return chunks.flatMap((chunk) => framer.push(chunk));
}

describe('the stream framer', () => {
  it('cuts messages by Content-Length however the bytes arrive', () => {
    const stream = message('INVITE', 'body\r\n\r\nmore') + message('ACK') + message('BYE', 'x');
    const expected = [message('INVITE', 'body\r\n\r\nmore'), message('ACK'), message('BYE', 'x')].map((text) => ({
      type: 'message',
      text,
    }));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const chunks = at.slice(1).map((end, i) => stream.slice(at[i], end));
        expect(feed(...chunks)).toEqual(expected);
      }),
    );
  });

  it('tells keep-alives apart from padding', () => {
    expect(feed('\r\n\r\n', `\r\n${message('ACK')}`)).toEqual([
      { type: 'ping' },
      { type: 'message', text: message('ACK') },
    ]);
    expect(feed('\r\n', '\r\n', message('ACK')).map(({ type }) => type)).toEqual(['ping', 'message']);
  });

  it.each([
    ['no Content-Length', 'INVITE sip:a@h SIP/2.0\r\nCall-ID: 1\r\n\r\n'],
    ['one that is no number', 'INVITE sip:a@h SIP/2.0\r\nContent-Length: x\r\n\r\n'],
    ['one that is absurd', 'INVITE sip:a@h SIP/2.0\r\nContent-Length: 999999999\r\n\r\n'],
    ['two that differ and a bad one first', 'INVITE sip:a@h SIP/2.0\r\nContent-Length: -1\r\n\r\n'],
  ])('is broken for good by a message with %s', (_, head) => {
    expect(feed(head, message('ACK'))).toEqual([{ type: 'broken', text: head }]);
  });

  it('reads on after a message that is malformed but has a length', () => {
    const bad = 'what is this\r\nContent-Length: 2\r\n\r\nxx';
    expect(feed(bad + message('ACK')).map(({ type }) => type)).toEqual(['message', 'message']);
  });

  it('gives up on a head that never ends', () => {
    expect(feed('A'.repeat(70_000)).map(({ type }) => type)).toEqual(['broken']);
  });

  it('never throws, whatever bytes come', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\r\n', '\r\n\r\n', 'Content-Length: 3\r\n', 'l:0', message('BYE', 'b')),
    );
    fc.assert(fc.property(fc.array(piece), (chunks) => void feed(...chunks)));
  });
});
