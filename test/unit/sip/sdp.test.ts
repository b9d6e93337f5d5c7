import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NegotiatedMedia } from '#domain/media.ts';
import { buildOffer, negotiate, readAnswer } from '#sip/sdp.ts';
import type { LocalSession, Negotiation } from '#sip/sdp.ts';

const local: LocalSession = { address: { host: '127.0.0.1', port: 40_000 }, sessionId: 77, version: 3 };

const sdp = (...lines: string[]) => ['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=-', ...lines, ''].join('\r\n');
const head = ['c=IN IP4 10.0.0.1', 't=0 0'];

const media = (overrides: Partial<NegotiatedMedia> = {}): NegotiatedMedia => ({
  codec: 'PCMU',
  payloadType: 0,
  dtmfReceivePayloadType: null,
  dtmfSendPayloadType: null,
  remote: { host: '10.0.0.1', port: 5004 },
  direction: 'sendrecv',
  ptimeMs: 20,
  ...overrides,
});

const accepted = (negotiation: Negotiation) => {
  if ('refused' in negotiation) throw new Error(`refused: ${negotiation.reason}`);
  return negotiation;
};
const mLines = (text: string) => text.split('\r\n').filter((line) => line.startsWith('m='));

describe('answering an offer', () => {
  it('writes one complete answer', () => {
    const offer = sdp(
      ...head,
      'm=audio 5004 RTP/AVP 8 0 101',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:30',
    );
    expect(negotiate(offer, local)).toEqual({
      media: media({ codec: 'PCMA', payloadType: 8, dtmfReceivePayloadType: 101, dtmfSendPayloadType: 101 }),
      answerSdp: [
        'v=0',
        'o=- 77 3 IN IP4 127.0.0.1',
        's=trunkline',
        'c=IN IP4 127.0.0.1',
        't=0 0',
        'm=audio 40000 RTP/AVP 8 101',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-16',
        'a=ptime:20',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    });
  });

  it.each<[string, string[], Partial<NegotiatedMedia>]>([
    ['the static payload type without rtpmap', [...head, 'm=audio 5004 RTP/AVP 0'], {}],
    [
      'a codec under a dynamic payload type',
      [...head, 'm=audio 5004 RTP/AVP 97', 'a=rtpmap:97 pcma/8000'],
      { codec: 'PCMA', payloadType: 97 },
    ],
    [
      'the first codec of the peer that is known',
      [...head, 'm=audio 5004 RTP/AVP 9 18 8 0', 'a=rtpmap:18 G729/8000'],
      { codec: 'PCMA', payloadType: 8 },
    ],
    [
      'the media-level address before the session-level one',
      [...head, 'm=audio 5004 RTP/AVP 0', 'c=IN IP4 10.0.0.9'],
      { remote: { host: '10.0.0.9', port: 5004 } },
    ],
    [
      'an address with a time to live',
      ['c=IN IP4 10.0.0.7/127', 't=0 0', 'm=audio 5004 RTP/AVP 0'],
      { remote: { host: '10.0.0.7', port: 5004 } },
    ],
    [
      'hold by 0.0.0.0',
      ['c=IN IP4 0.0.0.0', 't=0 0', 'm=audio 5004 RTP/AVP 0'],
      { remote: null, direction: 'recvonly' },
    ],
    [
      'hold by 0.0.0.0 and inactive',
      ['c=IN IP4 0.0.0.0', 't=0 0', 'm=audio 5004 RTP/AVP 0', 'a=inactive'],
      { remote: null, direction: 'inactive' },
    ],
    [
      'music on hold from a peer at 0.0.0.0 that only receives',
      ['c=IN IP4 0.0.0.0', 't=0 0', 'm=audio 5004 RTP/AVP 0', 'a=recvonly'],
      { remote: null, direction: 'inactive' },
    ],
    ['a sendonly peer', [...head, 'm=audio 5004 RTP/AVP 0', 'a=sendonly'], { direction: 'recvonly' }],
    ['a recvonly peer', [...head, 'm=audio 5004 RTP/AVP 0', 'a=recvonly'], { direction: 'sendonly' }],
    ['an inactive peer', [...head, 'm=audio 5004 RTP/AVP 0', 'a=inactive'], { direction: 'inactive' }],
    ['a session-level direction', [...head, 'a=sendonly', 'm=audio 5004 RTP/AVP 0'], { direction: 'recvonly' }],
    [
      'a media-level direction before the session-level one',
      [...head, 'a=sendonly', 'm=audio 5004 RTP/AVP 0', 'a=sendrecv'],
      { direction: 'sendrecv' },
    ],
    ['any ptime', [...head, 'm=audio 5004 RTP/AVP 0', 'a=ptime:60', 'a=maxptime:150'], { ptimeMs: 20 }],
    ['a maxptime below 20 ms', [...head, 'm=audio 5004 RTP/AVP 0', 'a=maxptime:10'], { ptimeMs: 10 }],
    [
      'telephone-event under any payload type',
      [...head, 'm=audio 5004 RTP/AVP 0 96', 'a=rtpmap:96 telephone-event/8000'],
      { dtmfReceivePayloadType: 96, dtmfSendPayloadType: 96 },
    ],
    [
      'no telephone-event of another clock rate',
      [...head, 'm=audio 5004 RTP/AVP 0 96', 'a=rtpmap:96 telephone-event/48000'],
      {},
    ],
    ['line ends without CR', [...head, 'm=audio 5004 RTP/AVP 0'], {}],
  ])('accepts %s', (_, lines, expected) => {
    const text = sdp(...lines);
    expect(accepted(negotiate(text, local)).media).toEqual(media(expected));
    expect(accepted(negotiate(text.replaceAll('\r\n', '\n'), local)).media).toEqual(media(expected));
  });

  it('answers every m-line in order, with port 0 where it is not used', () => {
    const offer = sdp(
      ...head,
      'm=video 5002 RTP/AVP 96',
      'a=rtpmap:96 VP8/90000',
      'm=audio 5004 RTP/SAVP 0',
      'm=audio 5006 RTP/AVP 0',
      'm=audio 5008 RTP/AVP 8',
      'm=image 5010 udptl t38',
    );
    const { media: settled, answerSdp } = accepted(negotiate(offer, local));
    expect(settled).toEqual(media({ remote: { host: '10.0.0.1', port: 5006 } }));
    expect(mLines(answerSdp)).toEqual([
      'm=video 0 RTP/AVP 96',
      'm=audio 0 RTP/SAVP 0',
      'm=audio 40000 RTP/AVP 0',
      'm=audio 0 RTP/AVP 8',
      'm=image 0 udptl t38',
    ]);
  });

  it('takes the IPv4 stream where another has an IPv6 address', () => {
    const offer = sdp(
      't=0 0',
      'm=audio 5004 RTP/AVP 0',
      'c=IN IP6 2001:db8::1',
      'm=audio 5006 RTP/AVP 0',
      'c=IN IP4 10.0.0.1',
    );
    expect(mLines(accepted(negotiate(offer, local)).answerSdp)).toEqual([
      'm=audio 0 RTP/AVP 0',
      'm=audio 40000 RTP/AVP 0',
    ]);
  });

  it.each([
    ['only unknown codecs', sdp(...head, 'm=audio 5004 RTP/AVP 18 9'), 'no codec in common'],
    [
      'a static payload type mapped to another codec',
      sdp(...head, 'm=audio 5004 RTP/AVP 0', 'a=rtpmap:0 opus/48000/2'),
      'no codec in common',
    ],
    [
      'IPv6 media while our RTP address is IPv4',
      sdp('c=IN IP6 2001:db8::1', 't=0 0', 'm=audio 5004 RTP/AVP 0'),
      'IPv6 media address, but our RTP address is IPv4',
    ],
    [
      'a host name',
      sdp('c=IN IP4 media.example.com', 't=0 0', 'm=audio 5004 RTP/AVP 0'),
      'media address is a name, not an IP address',
    ],
    [
      'a multicast address',
      sdp('c=IN IP4 224.2.1.1/127', 't=0 0', 'm=audio 5004 RTP/AVP 0'),
      'media address is not unicast',
    ],
    ['no address at all', sdp('t=0 0', 'm=audio 5004 RTP/AVP 0'), 'no connection address'],
    ['encrypted media', sdp(...head, 'm=audio 5004 RTP/SAVP 0'), 'profile RTP/SAVP is not supported'],
    ['a disabled stream', sdp(...head, 'm=audio 0 RTP/AVP 0'), 'audio stream is disabled (port 0)'],
    ['a port that is none', sdp(...head, 'm=audio 70000 RTP/AVP 0'), 'audio stream is disabled (port 0)'],
    ['no audio', sdp(...head, 'm=video 5004 RTP/AVP 0'), 'no audio stream'],
    ['no m-line', sdp(...head), 'malformed session description'],
    ['an m-line that cannot be read', sdp(...head, 'm=audio x RTP/AVP 0'), 'malformed session description'],
    ['text that is no SDP', 'hello', 'malformed session description'],
    ['nothing', '', 'malformed session description'],
  ])('refuses %s with 488', (_, offer, reason) => {
    expect(negotiate(offer, local)).toEqual({ refused: 488, reason });
  });

  it('suspends the media of a running session whose audio is disabled', () => {
    const current = media({ payloadType: 8, codec: 'PCMA' });
    const { media: settled, answerSdp } = accepted(negotiate(sdp(...head, 'm=audio 0 RTP/AVP 8'), local, current));
    expect(settled).toEqual({ ...current, remote: null, direction: 'inactive' });
    expect(mLines(answerSdp)).toEqual(['m=audio 0 RTP/AVP 8']);
  });

  it('accepts IPv6 media when our RTP address is IPv6', () => {
    const offer = sdp('c=IN IP6 2001:db8::1', 't=0 0', 'm=audio 5004 RTP/AVP 0');
    const v6 = { ...local, address: { host: '::1', port: 40_000 } };
    const { media: settled, answerSdp } = accepted(negotiate(offer, v6));
    expect(settled.remote).toEqual({ host: '2001:db8::1', port: 5004 });
    expect(answerSdp).toContain('c=IN IP6 ::1\r\n');
  });

  it('never throws, whatever the text', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'm=audio 5004 RTP/AVP 0',
        'm=audio',
        'm= 0 ',
        'c=IN IP4 1',
        'c=IN IP4 ',
        'c=IN IP6 ::1',
        'a=rtpmap:0',
        'a=rtpmap: /',
        'a=rtpmap:0 5/8000/x',
        'a=maxptime:',
        'a=ptime:x',
        'a=sendonly',
        'o=',
        'a=fmtp:101',
      ),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\r\n');
        const negotiation = negotiate(text, local, media());
        if ('answerSdp' in negotiation) {
          expect(mLines(negotiation.answerSdp).length).toBe(mLines(text).length);
        }
        readAnswer(text, local);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void negotiate(text, local)));
  });
});

describe('offering', () => {
  it('offers both codecs and telephone-event', () => {
    expect(buildOffer(local)).toBe(
      [
        'v=0',
        'o=- 77 3 IN IP4 127.0.0.1',
        's=trunkline',
        'c=IN IP4 127.0.0.1',
        't=0 0',
        'm=audio 40000 RTP/AVP 0 8 101',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-16',
        'a=ptime:20',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  it('keeps a telephone-event payload type for each direction', () => {
    const answer = sdp(...head, 'm=audio 5004 RTP/AVP 8 96', 'a=rtpmap:96 telephone-event/8000');
    expect(readAnswer(answer, local)).toEqual(
      media({ codec: 'PCMA', payloadType: 8, dtmfReceivePayloadType: 101, dtmfSendPayloadType: 96 }),
    );
  });

  it.each([
    ['a refused stream', sdp(...head, 'm=audio 0 RTP/AVP 0')],
    ['another codec', sdp(...head, 'm=audio 5004 RTP/AVP 18')],
    ['text that is no SDP', 'nonsense'],
  ])('finds no answer in %s', (_, answer) => {
    expect(readAnswer(answer, local)).toBeNull();
  });
});
