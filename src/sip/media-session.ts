/** The offer/answer state of one leg over its life (RFC 3264, RFC 6337). Holds no socket and does no IO. */
import type { CodecName, MediaAddress, NegotiatedMedia } from '#domain/media.ts';
import type { LocalMedia } from '#domain/signalling.ts';
import { readLocalSdp } from './local-sdp.ts';
import { buildOffer, negotiate, readAnswer } from './sdp.ts';
import type { LocalSession, NegotiationRefused } from './sdp.ts';

export type MediaSession = {
  /** Answer the peer's offer. A refusal changes nothing (RFC 3261 14.1). */
  answer(offerSdp: string): { media: NegotiatedMedia; sdp: string } | NegotiationRefused;
  /** Our offer; its answer goes to `readAnswer`. */
  offer(): string;
  /** What we offer and answer from now on. */
  moveTo(address: MediaAddress): void;
  /** Whether we hold the peer, in what we offer and answer from now on. */
  hold(isHolding: boolean): void;
  readonly isAnswerAwaited: boolean;
  /** Null: no usable answer; the media stays as it was. */
  readAnswer(answerSdp: string | null): NegotiatedMedia | null;
  readonly media: NegotiatedMedia | null;
  readonly localSdp: string;
  readonly remoteSdp: string;
  readonly isOnHold: boolean;
  readonly isHolding: boolean;
};

/** Where a session stood when its process was lost. */
type PastSession = {
  version: number;
  localSdp: string;
  remoteSdp: string;
  media: NegotiatedMedia | null;
  isHolding?: boolean;
};

const NEW_SESSION: PastSession = { version: 1, localSdp: '', remoteSdp: '', media: null };

/** Goes on with a session of another process from both descriptions; null when ours cannot be read. */
export const restoreMediaSession = (localSdp: string, remoteSdp: string, isHolding = false): MediaSession | null => {
  const read = readLocalSdp(localSdp);
  if (!read) return null;
  const local = { ...read, isHolding };
  const answer = negotiate(remoteSdp, local);
  const isOurAnswer = 'answerSdp' in answer && answer.answerSdp === localSdp;
  const media = isOurAnswer ? answer.media : readAnswer(remoteSdp, local);
  return createMediaSession(local, { version: local.version, localSdp, remoteSdp, media, isHolding });
};

/** `codecs`: what we offer, in this order; all of ours by default. */
export const createMediaSession = (
  { address: firstAddress, sessionId }: LocalMedia,
  past = NEW_SESSION,
  codecs?: readonly CodecName[],
): MediaSession => {
  let { version, localSdp, remoteSdp, media } = past;
  let address = firstAddress;
  let isHolding = past.isHolding ?? false;
  /** What ours was before an offer that may be refused. */
  let before = localSdp;
  // Our offer is out, and its answer comes in the ACK.
  let isAnswerAwaited = localSdp !== '' && remoteSdp === '';

  /** The `o=` version stays while the rest of the text does, and is raised by one otherwise. */
  const versioned = (describe: (local: LocalSession) => string): string => {
    if (localSdp !== '' && describe(local()) !== localSdp) version += 1;
    return describe(local());
  };
  const local = (): LocalSession => ({ address, sessionId, version, isHolding });

  return {
    answer(offerSdp) {
      const first = negotiate(offerSdp, local(), media ?? undefined);
      if ('refused' in first) return first;
      const current = media ?? undefined;
      localSdp = versioned((session) => {
        const negotiated = negotiate(offerSdp, session, current);
        return 'refused' in negotiated ? localSdp : negotiated.answerSdp;
      });
      remoteSdp = offerSdp;
      media = first.media;
      isAnswerAwaited = false;
      return { media: first.media, sdp: localSdp };
    },
    offer() {
      before = localSdp;
      localSdp = versioned((session) => buildOffer(session, codecs));
      isAnswerAwaited = true;
      return localSdp;
    },
    moveTo(next) {
      address = next;
    },
    hold(next) {
      isHolding = next;
    },
    readAnswer(answerSdp) {
      isAnswerAwaited = false;
      const settled = answerSdp === null ? null : readAnswer(answerSdp, local());
      if (settled === null || answerSdp === null) {
        localSdp = before;
        return null;
      }
      remoteSdp = answerSdp;
      media = settled;
      return settled;
    },
    get isAnswerAwaited() {
      return isAnswerAwaited;
    },
    get media() {
      return media;
    },
    get localSdp() {
      return localSdp;
    },
    get remoteSdp() {
      return remoteSdp;
    },
    get isHolding() {
      return isHolding;
    },
    get isOnHold() {
      return (
        media !== null && (media.remote === null || media.direction === 'recvonly' || media.direction === 'inactive')
      );
    },
  };
};
