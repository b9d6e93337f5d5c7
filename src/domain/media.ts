/** What two sides agreed on about media, and what was measured. Pure types. */

export type MediaAddress = { host: string; port: number };

export type CodecName = 'PCMU' | 'PCMA';

export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The result of one offer/answer, seen from our side (RFC 3264). */
export type NegotiatedMedia = {
  codec: CodecName;
  /** Payload type we send and expect for the codec (0 or 8 unless the peer mapped another). */
  payloadType: number;
  /** telephone-event payload type we expect from the peer, and the one the peer expects from us (RFC 4733). */
  dtmfReceivePayloadType: number | null;
  dtmfSendPayloadType: number | null;
  /** Where to send; null while the peer gave no usable address (`0.0.0.0`, port 0): nothing is sent. */
  remote: MediaAddress | null;
  /** Our direction after mirroring. `inactive` and `recvonly`: we send nothing (hold). */
  direction: MediaDirection;
  ptimeMs: number;
};

/** RTP quality of one call, both ways (RFC 3550). */
export type RtpStatistics = {
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  packetsLate: number;
  packetsForeign: number;
  packetsMalformed: number;
  /** Lost 20 ms frames replaced by concealment towards the model. */
  framesConcealed: number;
  /** Caller audio, in 20 ms frames: decoded from RTP (concealed ones included), and handed to the model socket. */
  framesDecoded: number;
  framesToModel: number;
  jitterMs: number;
  /** From the peer's RTCP; null when it sent none. */
  remoteLossFraction: number | null;
  remoteJitterMs: number | null;
  roundTripMs: number | null;
  /** E-model estimate, 1 to 4.5. */
  mos: number;
};
