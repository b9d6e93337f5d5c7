/** Who may send us requests, and how many: source ACL, rate per source, and a count of what was refused. Time is injected. */
import { BlockList, isIPv6 } from 'node:net';

export type RefusalReason =
  | 'sourceNotAllowed'
  | 'rateExceeded'
  | 'draining'
  | 'unsupportedExtension'
  | 'unsupportedMediaType'
  | 'mediaRefused'
  | 'malformed'
  | 'mergedRequest';

export type RefusalCounters = Readonly<Record<RefusalReason, number>>;

export type RateLimit = { perSecond: number; burst: number };

/** Sources remembered for rate limiting; the one unused for longest goes first. */
const MAX_SOURCES = 10_000;
const MAX_LOG_LINES_PER_SECOND = 5;
const V4_IN_V6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

const plainHost = (host: string): string => V4_IN_V6.exec(host)?.[1] ?? host;

/** True for addresses inside one of the CIDR blocks (a bare address is a block of one). Throws on a malformed block. */
export const createSourceFilter = (cidrs: readonly string[]): ((host: string) => boolean) => {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  return (host) => {
    const plain = plainHost(host);
    return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };
};

/** Token bucket per source. `take` says whether one more request of this source may pass at `nowMs`. */
export const createRateLimiter = ({ perSecond, burst }: RateLimit) => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(host: string, nowMs: number): boolean {
      const bucket = buckets.get(host) ?? { tokens: burst, at: nowMs };
      const refilled = Math.min(burst, bucket.tokens + ((nowMs - bucket.at) / 1000) * perSecond);
      const passes = refilled >= 1;
      buckets.delete(host);
      buckets.set(host, { tokens: passes ? refilled - 1 : refilled, at: nowMs });
      if (buckets.size > MAX_SOURCES) buckets.delete(buckets.keys().next().value ?? '');
      return passes;
    },
    get size() {
      return buckets.size;
    },
  };
};

/** Counts every refusal, and passes at most a few a second on to the log, so that a flood fills neither. */
export const createRefusalLog = (write: (reason: RefusalReason, host: string, unlogged: number) => void) => {
  const counters: Record<RefusalReason, number> = {
    sourceNotAllowed: 0,
    rateExceeded: 0,
    draining: 0,
    unsupportedExtension: 0,
    unsupportedMediaType: 0,
    mediaRefused: 0,
    malformed: 0,
    mergedRequest: 0,
  };
  let second = -1;
  let written = 0;
  let unlogged = 0;
  return {
    counters: counters as RefusalCounters,
    add(reason: RefusalReason, host: string, nowMs: number): void {
      counters[reason] += 1;
      const thisSecond = Math.floor(nowMs / 1000);
      if (thisSecond !== second) {
        second = thisSecond;
        written = 0;
      }
      if (written >= MAX_LOG_LINES_PER_SECOND) {
        unlogged += 1;
        return;
      }
      written += 1;
      write(reason, host, unlogged);
      unlogged = 0;
    },
  };
};
