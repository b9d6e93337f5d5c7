/** Reads back what we have said of ourselves in a session description of ours. Pure; never throws. */
import { parse } from 'sdp-transform';
import type { LocalSession } from './sdp.ts';

/** Address, `o=` id and version of the description; null when it is none of ours. */
export const readLocalSdp = (sdp: string): LocalSession | null => {
  try {
    const { origin, connection, media } = parse(sdp);
    const port = media.find(({ type, port: own }) => type === 'audio' && own > 0)?.port ?? 0;
    if (!origin || !connection) return null;
    const [sessionId, version] = [Number(origin.sessionId), Number(origin.sessionVersion)];
    if (!Number.isSafeInteger(sessionId) || !Number.isSafeInteger(version)) return null;
    return { address: { host: connection.ip, port }, sessionId, version };
  } catch {
    return null;
  }
};
