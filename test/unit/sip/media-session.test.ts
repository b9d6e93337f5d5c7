import { describe, expect, it } from 'vitest';
import { createMediaSession } from '#sip/media-session.ts';

const LOCAL = { address: { host: '127.0.0.1', port: 40_000 }, sessionId: 9 };
const offer = (...extra: string[]) =>
  ['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=-', 'c=IN IP4 10.0.0.1', 't=0 0', 'm=audio 5004 RTP/AVP 0', ...extra, ''].join(
    '\r\n',
  );
const originOf = (sdp: string) => /^o=(.*)$/m.exec(sdp)?.[1]?.trim();

describe('offer and answer over the life of a leg', () => {
  it('C11: keeps the version of an equal answer and raises it by one for another', () => {
    const session = createMediaSession(LOCAL);
    const sent = [offer(), offer(), offer('a=sendonly'), offer('a=sendonly'), offer()].map((sdp) => {
      const answered = session.answer(sdp);
      return 'sdp' in answered ? originOf(answered.sdp) : null;
    });
    expect(sent).toEqual([1, 1, 2, 2, 3].map((version) => `- 9 ${version} IN IP4 127.0.0.1`));
  });

  it('C11: a refused offer leaves media, descriptions and version as they were', () => {
    const session = createMediaSession(LOCAL);
    session.answer(offer());
    const before = [session.media, session.localSdp, session.remoteSdp];
    expect(session.answer(offer().replace('RTP/AVP 0', 'RTP/AVP 18'))).toMatchObject({ refused: 488 });
    expect([session.media, session.localSdp, session.remoteSdp]).toEqual(before);
  });

  it('is on hold while we are not to send', () => {
    const session = createMediaSession(LOCAL);
    const held = ['a=sendonly', 'a=inactive', 'a=recvonly', 'a=sendrecv'].map((direction) => {
      session.answer(offer(direction));
      return session.isOnHold;
    });
    expect(held).toEqual([true, true, false, false]);
  });

  it('awaits the answer to its own offer, and keeps the media when there is none', () => {
    const session = createMediaSession(LOCAL);
    session.answer(offer());
    const { media } = session;
    session.offer();
    expect(session.isAnswerAwaited).toBe(true);
    expect([session.readAnswer(null), session.media, session.isAnswerAwaited]).toEqual([null, media, false]);
  });
});
