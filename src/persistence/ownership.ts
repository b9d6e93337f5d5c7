/** Ownership of live calls on Postgres: a lease that is renewed, claims of what dead processes left, frozen ones told. */
import type { Log } from '#domain/log.ts';
import type { Ownership } from '#domain/ownership.ts';
import type { Database } from './database.ts';
import { DatabaseError } from './database-error.ts';
import { answerAt, answers, type NodeAddress } from './node-address.ts';
import * as statements from './ownership-statements.ts';
import type { Claim, Lease, RivalNode } from './ownership-statements.ts';
import { identifyProcess, isGone, isSameHost, type ProcessIdentity } from './process-identity.ts';
import { createStatementRunner } from './statement-runner.ts';

export type OwnershipOptions = {
  database: Pick<Database, 'url'>;
  nodeId: string;
  log: Log;
  /** A process that worked with the same folder on the same host was our predecessor. */
  dataDirectory: string;
  /** Bound on a free port, and told to other hosts as the place where this process proves that it lives. */
  host?: string;
  /**
   * True while calls of our predecessor may still wait in the spool: what the database says of them is old, and
   * nothing is claimed. Default: never.
   */
  isBehind?: () => boolean;
  /** Of this process; others in tests. */
  identity?: ProcessIdentity;
  leaseMs?: number;
  renewMs?: number;
  /** How long the own lease must have been renewed without a break before an expired one counts. */
  unbrokenMs?: number;
  /** Of a clock that never goes back, milliseconds. */
  now?: () => number;
};

const DEFAULTS = {
  isBehind: () => false,
  host: '127.0.0.1',
  leaseMs: 6_000,
  renewMs: 2_000,
  unbrokenMs: 10_000,
  now: () => performance.now(),
};
const PROBE_MS = 1_000;
/** How long it stood still is known to within so much. */
const NOTICES_PER_RENEWAL = 8;

/** Methods reject with `DatabaseError`; `start` does not mind that Postgres is out. */
export const createOwnership = (options: OwnershipOptions): Ownership => {
  const { database, nodeId, log, dataDirectory, host, isBehind } = { ...DEFAULTS, ...options };
  const { leaseMs, renewMs, unbrokenMs, now } = { ...DEFAULTS, ...options };
  const identity = options.identity ?? identifyProcess();
  const runner = createStatementRunner({ url: database.url, poolSize: 2, timeoutMs: renewMs * 2, log });
  const listeners = new Set<() => void>();
  let place: NodeAddress | null = null;
  let timer: NodeJS.Timeout | null = null;
  let watch: NodeJS.Timeout | null = null;
  let lastTick: { monotonic: number; wall: number } | null = null;
  let suspensions = 0;
  let isSuspended = false;
  let renewing: Promise<void> | null = null;
  /** When the present row of renewals began, and when the last of them was answered. */
  let unbroken: { since: number; until: number } | null = null;

  const suspend = (gapMs: number) => {
    suspensions += 1;
    isSuspended = true;
    unbroken = null;
    log.error({ gapMs: Math.round(gapMs) }, 'This process stood still: it asks which calls are still its own.');
    for (const listener of listeners) listener();
  };

  /** Asked at every turn, because the timer may be the last to run when a stopped process goes on. */
  const notice = () => {
    if (lastTick === null) return;
    const tick = { monotonic: now(), wall: Date.now() };
    // The first of the clocks stands still with a machine that is suspended.
    const gapMs = Math.max(tick.monotonic - lastTick.monotonic, tick.wall - lastTick.wall);
    lastTick = tick;
    if (gapMs > leaseMs) suspend(gapMs);
  };

  const lease = (): Lease => ({ ...identity, nodeId, dataDirectory, address: place?.address ?? null });

  const renew = async (): Promise<void> => {
    const startedAt = now();
    try {
      await statements.renewLease(runner.run, lease());
      const isLate = now() - (unbroken?.until ?? startedAt) > leaseMs;
      unbroken = { since: isLate || !unbroken ? now() : unbroken.since, until: now() };
    } catch (error) {
      unbroken = null;
      if (!(error instanceof DatabaseError) || error.code !== 'unavailable') throw error;
      log.debug({ error: String(error) }, 'lease not renewed');
    }
  };

  const tidy = () =>
    statements
      .forgetOldLeases(runner.run)
      .catch((error: unknown) => log.debug({ error: String(error) }, 'old leases not deleted'));

  const tick = () => {
    notice();
    renewing ??= renew()
      .catch((error: unknown) => log.error({ error: String(error) }, 'lease not renewed'))
      .finally(() => {
        renewing = null;
      });
  };

  const isUnbroken = () =>
    unbroken !== null && now() - unbroken.until <= leaseMs && unbroken.until - unbroken.since >= unbrokenMs;

  const isPredecessor = (other: Lease) => isSameHost(identity, other) && other.dataDirectory === dataDirectory;

  /** Since when each of the others has not answered, without a break. */
  const silentSince = new Map<string, number>();

  /**
   * Silent for as long as the lease: a process that finds that it stood still for less, with whatever excuse its lease
   * has for being old, can be sure that nobody took anything from it.
   */
  const isSilent = async (id: string, address: string): Promise<boolean> => {
    const askedAt = now();
    if (await answers(address, id, PROBE_MS)) {
      silentSince.delete(id);
      return false;
    }
    const since = silentSince.get(id) ?? askedAt;
    silentSince.set(id, since);
    return now() - since > leaseMs;
  };

  const isDead = async ({ nodeId: id, lease: other }: RivalNode): Promise<boolean> => {
    if (!other || isGone(identity, other)) return true;
    return other.address === null ? !isSameHost(identity, other) : isSilent(id, other.address);
  };

  const mayClaim = async (rival: RivalNode): Promise<boolean> => {
    const { lease: other, isReleased, isExpired } = rival;
    if (isReleased || (other && isPredecessor(other) && isGone(identity, other))) return true;
    return (isExpired || !other) && isUnbroken() && (await isDead(rival));
  };

  /** Whether it was done is not known as long as it is not answered. */
  let unanswered: Claim | null = null;

  const claim = async (wanted: Claim) => {
    unanswered = wanted;
    const claimed = await statements.claimCalls(runner.run, nodeId, wanted);
    unanswered = null;
    const nodes = wanted.leases.map((judged) => judged.nodeId);
    log.warn({ calls: claimed.length, nodes }, 'Calls of processes that are gone were claimed.');
    return claimed;
  };

  const findGone = async (): Promise<RivalNode[]> => {
    const askedAt = now();
    const rivals = await statements.findRivals(runner.run, nodeId, leaseMs);
    // A database that stood still itself makes every lease look old.
    if (now() - askedAt > leaseMs / 2) unbroken = null;
    const verdicts = await Promise.all(rivals.map(mayClaim));
    return rivals.filter((_, index) => verdicts[index]);
  };

  return {
    start: async ({ isUp } = { isUp: true }) => {
      place = await answerAt(host, nodeId);
      lastTick = { monotonic: now(), wall: Date.now() };
      timer = setInterval(tick, renewMs);
      watch = setInterval(notice, renewMs / NOTICES_PER_RENEWAL);
      if (!isUp) return tick();
      await renew();
      if (unbroken) await tidy();
    },
    claimAbandoned: async () => {
      notice();
      if (isSuspended || isBehind()) return [];
      if (unanswered) return claim(unanswered);
      const asked = suspensions;
      const gone = await findGone();
      if (gone.length === 0) return [];
      const wanted = await statements.prepareClaim(runner.run, gone);
      notice();
      return asked === suspensions && wanted.calls.length > 0 ? claim(wanted) : [];
    },
    get isCurrent() {
      notice();
      return !isSuspended;
    },
    onSuspended: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    lost: async (calls) => {
      notice();
      const asked = suspensions;
      const gone = await statements.findLost(runner.run, nodeId, calls);
      notice();
      if (asked === suspensions) isSuspended = false;
      return gone;
    },
    stop: async () => {
      if (timer) clearInterval(timer);
      if (watch) clearInterval(watch);
      place?.close();
      lastTick = null;
      await renewing;
      try {
        await statements.releaseLease(runner.run, nodeId);
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== 'unavailable') throw error;
        log.warn({ error: String(error) }, 'The lease could not be given back.');
      } finally {
        await runner.close();
      }
    },
  };
};
