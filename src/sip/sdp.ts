/** Offer and answer of one audio stream (RFC 3264, RFC 4566) on sdp-transform. Pure; never throws, whatever the text. */
import { isIP } from 'node:net';
import { parse, write } from 'sdp-transform';
import type { SessionDescription } from 'sdp-transform';
import type { CodecName, MediaAddress, MediaDirection, NegotiatedMedia } from '#domain/media.ts';

/** Our side of the session: where we listen, and what the `o=` line says. */
export type LocalSession = {
  address: MediaAddress;
  sessionId: number;
  /** `o=` version: kept while the description stays the same, raised by one when it changes. */
  version: number;
  /** We hold the other side: nothing is received. */
  isHolding?: boolean;
};

export type NegotiationRefused = { refused: 488; reason: string };
export type Negotiation = { media: NegotiatedMedia; answerSdp: string } | NegotiationRefused;

type Media = SessionDescription['media'][number];
type Chosen = {
  codec: CodecName;
  payloadType: number;
  dtmfPayloadType: number | null;
  remote: MediaAddress | null;
  direction: MediaDirection;
  ptimeMs: number;
};

const SESSION_NAME = 'trunkline';
const STATIC_CODECS: Readonly<Record<number, CodecName>> = { 0: 'PCMU', 8: 'PCMA' };
const STATIC_PAYLOAD_TYPES: Readonly<Record<CodecName, number>> = { PCMU: 0, PCMA: 8 };
const OFFERED_CODECS: readonly CodecName[] = ['PCMU', 'PCMA'];
const OFFERED_DTMF_PAYLOAD_TYPE = 101;
const DTMF_EVENTS = '0-16';
const PTIME_MS = 20;
const SHORT_PTIME_MS = 10;
const MAX_PORT = 65535;
const HELD_HOST = '0.0.0.0';

const MIRROR: Readonly<Record<MediaDirection, MediaDirection>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};
/** Who receives nothing: a peer that gives `0.0.0.0` (hold as in RFC 2543), whatever its direction says; and we, while we hold it. */
const WITHOUT_RECEIVING: Readonly<Record<MediaDirection, MediaDirection>> = {
  sendrecv: 'sendonly',
  sendonly: 'sendonly',
  recvonly: 'inactive',
  inactive: 'inactive',
};

const refuse = (reason: string): NegotiationRefused => ({ refused: 488, reason });

const parseSession = (sdp: string): SessionDescription | null => {
  try {
    const session = parse(sdp);
    return session.media.length > 0 && session.media.every((media) => media.type) ? session : null;
  } catch {
    return null;
  }
};

const payloadTypesOf = (media: Media): number[] =>
  String(media.payloads ?? '')
    .split(' ')
    .filter((text) => /^\d{1,3}$/.test(text))
    .map(Number)
    .filter((payloadType) => payloadType < 128);

const codecOf = (media: Media, payloadType: number): CodecName | null => {
  const mapped = media.rtp?.find((rtp) => rtp.payload === payloadType);
  if (!mapped) return STATIC_CODECS[payloadType] ?? null;
  if ((mapped.rate ?? 8000) !== 8000 || Number(mapped.encoding ?? 1) !== 1) return null;
  return OFFERED_CODECS.find((codec) => codec === String(mapped.codec).toUpperCase()) ?? null;
};

const dtmfPayloadTypeOf = (media: Media, payloadTypes: readonly number[]): number | null => {
  const mapped = media.rtp?.find(
    (rtp) =>
      String(rtp.codec).toLowerCase() === 'telephone-event' &&
      (rtp.rate ?? 8000) === 8000 &&
      payloadTypes.includes(rtp.payload),
  );
  return mapped?.payload ?? null;
};

const isUnicastV4 = (host: string): boolean => {
  const first = Number(host.split('.')[0]);
  return first > 0 && first < 224;
};

/** Where the peer listens: media-level `c=` wins. Null: it listens nowhere (hold). A string says why it is unusable. */
const addressOf = (session: SessionDescription, media: Media, localHost: string): MediaAddress | null | string => {
  const host = String((media.connection ?? session.connection)?.ip ?? '').split('/')[0];
  if (!host) return 'no connection address';
  if (host === HELD_HOST) return null;
  const family = isIP(host);
  if (family === 0) return 'media address is a name, not an IP address';
  if (family !== isIP(localHost)) return `IPv${family} media address, but our RTP address is IPv${isIP(localHost)}`;
  if (family === 4 && !isUnicastV4(host)) return 'media address is not unicast';
  return { host, port: media.port };
};

const directionOf = (session: SessionDescription, media: Media): MediaDirection =>
  media.direction ?? session.direction ?? 'sendrecv';

const ptimeFor = (media: Media): number => {
  const maximum = Number(media.maxptime);
  return maximum > 0 && maximum < PTIME_MS ? SHORT_PTIME_MS : PTIME_MS;
};

const ourDirection = (theirs: MediaDirection, isListening: boolean, { isHolding }: LocalSession): MediaDirection => {
  const ours = MIRROR[isListening ? theirs : WITHOUT_RECEIVING[theirs]];
  return isHolding ? WITHOUT_RECEIVING[ours] : ours;
};

/** What of this m-line we can use, or why not. */
const choose = (session: SessionDescription, media: Media, local: LocalSession): Chosen | string => {
  if (media.type !== 'audio') return `${media.type} is not supported`;
  if (media.protocol !== 'RTP/AVP') return `profile ${media.protocol} is not supported`;
  if (!(media.port > 0 && media.port <= MAX_PORT)) return 'audio stream is disabled (port 0)';
  const payloadTypes = payloadTypesOf(media);
  const payloadType = payloadTypes.find((candidate) => codecOf(media, candidate) !== null);
  const codec = payloadType === undefined ? null : codecOf(media, payloadType);
  if (payloadType === undefined || codec === null) return 'no codec in common';
  const remote = addressOf(session, media, local.address.host);
  if (typeof remote === 'string') return remote;
  return {
    codec,
    payloadType,
    dtmfPayloadType: dtmfPayloadTypeOf(media, payloadTypes),
    remote,
    direction: ourDirection(directionOf(session, media), remote !== null, local),
    ptimeMs: ptimeFor(media),
  };
};

type OurStream = {
  codecs: readonly { codec: CodecName; payloadType: number }[];
  dtmfPayloadType: number | null;
  direction: MediaDirection;
  ptimeMs: number;
};

const ourAudio = (local: LocalSession, ours: OurStream): Media => {
  const dtmf = ours.dtmfPayloadType;
  return {
    type: 'audio',
    port: local.address.port,
    protocol: 'RTP/AVP',
    payloads: [...ours.codecs.map(({ payloadType }) => payloadType), ...(dtmf === null ? [] : [dtmf])].join(' '),
    rtp: [
      ...ours.codecs.map(({ codec, payloadType }) => ({ payload: payloadType, codec, rate: 8000 })),
      ...(dtmf === null ? [] : [{ payload: dtmf, codec: 'telephone-event', rate: 8000 }]),
    ],
    fmtp: dtmf === null ? [] : [{ payload: dtmf, config: DTMF_EVENTS }],
    ptime: ours.ptimeMs,
    direction: ours.direction,
  };
};

const disabled = (media: Media): Media => ({
  type: media.type,
  port: 0,
  protocol: media.protocol,
  payloads: String(media.payloads ?? '0'),
  rtp: [],
  fmtp: [],
});

const writeSession = (local: LocalSession, media: SessionDescription['media']): string => {
  const ipVer = isIP(local.address.host) === 6 ? 6 : 4;
  return write({
    version: 0,
    origin: {
      username: '-',
      sessionId: local.sessionId,
      sessionVersion: local.version,
      netType: 'IN',
      ipVer,
      address: local.address.host,
    },
    name: SESSION_NAME,
    connection: { version: ipVer, ip: local.address.host },
    timing: { start: 0, stop: 0 },
    media,
  });
};

/**
 * Answer an offer: the first usable audio m-line is taken with the first codec of the peer's order that we have, every
 * other m-line is refused with port 0, in order. IPv6 media is refused while our RTP address is IPv4 (and vice versa).
 * With `current` (a session that runs), a peer that disables its audio (port 0) suspends the media instead of being refused.
 */
export const negotiate = (remoteSdp: string, local: LocalSession, current?: NegotiatedMedia): Negotiation => {
  const session = parseSession(remoteSdp);
  if (!session) return refuse('malformed session description');
  const choices = session.media.map((media) => choose(session, media, local));
  const index = choices.findIndex((choice) => typeof choice !== 'string');
  const chosen = choices[index];
  if (chosen === undefined || typeof chosen === 'string') {
    if (current && session.media.some(isDisabledAudio)) {
      return { media: suspended(current), answerSdp: writeSession(local, session.media.map(disabled)) };
    }
    return refuse(reasonOf(session, choices));
  }
  const audio = ourAudio(local, { ...chosen, codecs: [chosen] });
  return {
    media: settled(chosen, chosen.dtmfPayloadType),
    answerSdp: writeSession(
      local,
      session.media.map((media, at) => (at === index ? audio : disabled(media))),
    ),
  };
};

/** The reason of the first audio m-line says most. */
const reasonOf = (session: SessionDescription, choices: readonly (Chosen | string)[]): string => {
  const audioAt = session.media.findIndex((media) => media.type === 'audio');
  const reason = choices[audioAt];
  return typeof reason === 'string' ? reason : 'no audio stream';
};

const isDisabledAudio = (media: Media): boolean => media.type === 'audio' && media.port === 0;

const suspended = (current: NegotiatedMedia): NegotiatedMedia => ({ ...current, remote: null, direction: 'inactive' });

const settled = (chosen: Chosen, dtmfReceivePayloadType: number | null): NegotiatedMedia => ({
  codec: chosen.codec,
  payloadType: chosen.payloadType,
  dtmfReceivePayloadType,
  dtmfSendPayloadType: chosen.dtmfPayloadType,
  remote: chosen.remote,
  direction: chosen.direction,
  ptimeMs: chosen.ptimeMs,
});

/** Our offer: PCMU, PCMA (or those asked for) and telephone-event on one audio stream. */
export const buildOffer = (local: LocalSession, codecs: readonly CodecName[] = OFFERED_CODECS): string =>
  writeSession(local, [
    ourAudio(local, {
      codecs: codecs.map((codec) => ({ codec, payloadType: STATIC_PAYLOAD_TYPES[codec] })),
      dtmfPayloadType: OFFERED_DTMF_PAYLOAD_TYPE,
      direction: local.isHolding ? 'sendonly' : 'sendrecv',
      ptimeMs: PTIME_MS,
    }),
  ]);

/** What the answer to `buildOffer` settled; null when it is no usable answer. */
export const readAnswer = (answerSdp: string, local: LocalSession): NegotiatedMedia | null => {
  const session = parseSession(answerSdp);
  const first = session?.media[0];
  if (!session || !first) return null;
  const chosen = choose(session, first, local);
  if (typeof chosen === 'string') return null;
  return settled(chosen, chosen.dtmfPayloadType === null ? null : OFFERED_DTMF_PAYLOAD_TYPE);
};
