import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameDecoder, encodeFrame } from '#sip/server/control/frame-codec.ts';

describe('control frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    const payloads = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }));
    fc.assert(
      fc.property(payloads, fc.array(fc.nat({ max: 500 })), (texts, cuts) => {
        const bytesOf = texts.map((text) => Buffer.from(text, 'utf8').toString('latin1'));
        const stream = Buffer.from(bytesOf.map(encodeFrame).join(''), 'latin1');
        const decoder = createFrameDecoder(1000);
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const read = at.slice(1).flatMap((end, i) => decoder.push(stream.subarray(at[i], end)) ?? ['broken']);
        expect(read).toEqual(bytesOf);
      }),
    );
  });

  it.each(['x', '#a', '1x#a', '1234567890', '11#'])('end with %s', (text) => {
    expect(createFrameDecoder(10).push(Buffer.from(text))).toBeNull();
  });

  it('may be larger once the limit is raised', () => {
    const decoder = createFrameDecoder(3);
    expect(decoder.push(Buffer.from('3#abc'))).toEqual(['abc']);
    decoder.setLimit(5);
    expect(decoder.push(Buffer.from('5#abcde'))).toEqual(['abcde']);
  });

  it('never throw, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const decoder = createFrameDecoder(100);
        for (const chunk of chunks) if (!decoder.push(Buffer.from(chunk))) return;
      }),
    );
  });
});
