import { expect, test } from 'vitest';
import type { NegotiatedMedia } from '#domain/media.ts';
import { createCallerSide } from '#media/leg/caller-side.ts';
import { createReception } from '#media/rtp/reception.ts';
import { writeRtpHeader } from '#media/rtp/rtp-packet.ts';

const CALLER = { host: '127.0.0.1', port: 4000 };
const MEDIA: NegotiatedMedia = {
  codec: 'PCMU',
  payloadType: 0,
  dtmfReceivePayloadType: null,
  dtmfSendPayloadType: null,
  remote: CALLER,
  direction: 'sendrecv',
  ptimeMs: 20,
};
const EXPECTATION = { negotiated: CALLER, signallingHost: CALLER.host, allowedCidrs: [] };

const packet = (sequence: number): Uint8Array => {
  const bytes = new Uint8Array(172).fill(0xff);
  writeRtpHeader(bytes, { payloadType: 0, marker: false, sequence, timestamp: sequence * 160, ssrc: 7 });
  return bytes;
};

const open = () => {
  const [fed, recordedAt]: [number[], number[]] = [[], []];
  const side = createCallerSide({
    reception: createReception(),
    feed: {
      push: (_pcm, count) => void fed.push(count),
      advance: () => {},
      setSink: () => {},
      hold: () => {},
      wait: () => {},
      mute: () => {},
      release: () => {},
      isHolding: () => false,
      handedOver: () => 0,
      destroy: () => {},
    },
    tell: () => {},
    record: (_packet, _pcm, _count, nowMs) => void recordedAt.push(nowMs),
    listen: () => {},
  });
  return { side, fed, recordedAt };
};

test.each([0, 65_534])(
  'M5: what a caller says before the answer is applied here is heard, from sequence %i',
  (first) => {
    const { side, fed, recordedAt } = open();
    for (const n of [0, 1, 2]) side.receive(packet((first + n) & 0xffff), CALLER.host, CALLER.port, 100 + n * 20);
    side.connect(MEDIA, EXPECTATION, 150);
    side.receive(packet((first + 3) & 0xffff), CALLER.host, CALLER.port, 160);
    expect(fed).toEqual([160, 160, 160, 160]);
    expect(recordedAt).toEqual([100, 120, 140, 160]);
    expect(side.counts()).toMatchObject({ foreign: 0, late: 0, concealed: 0 });
  },
);

test('C4: what came early is judged by the source rule, and no more than a second of it is kept', () => {
  const { side, fed } = open();
  for (let n = 0; n < 80; n += 1) side.receive(packet(n), '192.0.2.1', 9, n);
  for (let n = 0; n < 10; n += 1) side.receive(packet(n), CALLER.host, CALLER.port, 80 + n);
  side.connect(MEDIA, EXPECTATION, 100);
  expect(fed).toEqual([]);
  expect(side.counts()).toMatchObject({ foreign: 90 });
});
