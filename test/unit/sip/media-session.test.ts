import { describe, expect, it } from 'vitest';
import { readLocalSdp } from '#sip/local-sdp.ts';
import { createMediaSession, restoreMediaSession } from '#sip/media-session.ts';

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

const PAST = { address: LOCAL.address, sessionId: 1_700_000_000_123 };
const remote = (extra = '', port = 4000) =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 8 96`,
    'a=rtpmap:96 telephone-event/8000',
    ...(extra === '' ? [] : [extra]),
    '',
  ].join('\r\n');

const restored = (session: { localSdp: string; remoteSdp: string }) => {
  const copy = restoreMediaSession(session.localSdp, session.remoteSdp);
  if (!copy) throw new Error('not restored');
  return copy;
};

describe('a media session of a lost process', () => {
  it('goes on where an answer of ours left it', () => {
    const session = createMediaSession(PAST);
    session.answer(remote());
    const copy = restored(session);
    expect([copy.media, copy.localSdp, copy.remoteSdp]).toEqual([session.media, session.localSdp, session.remoteSdp]);
    expect([copy.isAnswerAwaited, copy.isOnHold]).toEqual([false, false]);
    expect(copy.answer(remote('a=sendonly'))).toEqual(session.answer(remote('a=sendonly')));
    expect(readLocalSdp(copy.localSdp)).toEqual({ ...PAST, version: 2 });
  });

  it('knows that the call was on hold, and keeps the version while nothing changes', () => {
    const session = createMediaSession(PAST);
    session.answer(remote());
    session.answer(remote('a=sendonly'));
    const copy = restored(session);
    expect([copy.isOnHold, copy.media?.direction]).toEqual([true, 'recvonly']);
    copy.answer(remote('a=sendonly'));
    expect(copy.localSdp).toBe(session.localSdp);
  });

  it('goes on after an answer of the peer', () => {
    const session = createMediaSession(PAST);
    session.offer();
    session.readAnswer(remote());
    expect(restored(session).media).toEqual(session.media);
    expect(session.media).toMatchObject({ codec: 'PCMA', dtmfSendPayloadType: 96, dtmfReceivePayloadType: 101 });
  });

  it('awaits the answer to an offer that is out', () => {
    const session = createMediaSession(PAST);
    session.offer();
    const copy = restored(session);
    expect([copy.isAnswerAwaited, copy.media]).toEqual([true, null]);
    expect(copy.readAnswer(remote())).toEqual(session.readAnswer(remote()));
  });

  it.each(['', 'nonsense', 'v=0\r\no=- x 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n'])(
    'is not restored from %j',
    (text) => {
      expect(restoreMediaSession(text, remote())).toBeNull();
    },
  );
});
