/** Creates and supervises the call actors: one per call, each on its own, none able to harm another. */
import { createActor, waitFor } from 'xstate';
import { NO_LINKS, terminalStatus, type CallId, type CallLinks, type CallMetadata } from '#domain/call.ts';
import type { AnsweringMachinePolicy } from '#domain/callee.ts';
import type { Journal } from '#domain/journal.ts';
import type { Log } from '#domain/log.ts';
import type { ClaimedCall } from '#domain/ownership.ts';
import type { PlacementError } from '#domain/placement.ts';
import type { ResourceLedger } from '#domain/resource-ledger.ts';
import type { IncomingInvite } from '#domain/signalling.ts';
import type { CallLogic } from '#machines/call.machine.ts';
import { callRow } from '#machines/call.row.ts';
import type { CallInput, CallLimits, OperatorOrder } from '#machines/call.types.ts';
import { CALL_RELEASE, type CallRelease } from '#machines/call.upgrades.ts';
import type { ActorRoster } from './actor-roster.ts';
import { MACHINE_VERSIONS } from './call-actors.ts';
import { createCallJournal, topState } from './call-journal.ts';
import { firstView, liveView } from './call-view.ts';
import type { LiveCallsStore } from './live-calls.store.ts';
import { faulted, faultFrom, type LiveEntry } from './live-entry.ts';
import { notPlaced, outboundInput, type OutboundCall } from './outbound/outbound-input.ts';
import { inputOf, restoredSnapshot } from './restored-call.ts';

export type CallRegistryDeps = {
  callLogic: CallLogic;
  journal: Journal;
  ledger: ResourceLedger;
  liveCalls: LiveCallsStore;
  /** Where others find the calls' actors to look at. */
  roster: Pick<ActorRoster, 'enter'>;
  log: Log;
  nodeId: string;
  limits: CallLimits;
  language: string;
  /** What is done about answering machines, unless the call says. */
  answeringMachine: AnsweringMachinePolicy;
  maxCalls: number;
  newCallId: () => CallId;
  now: () => number;
  /** Answer an INVITE that no call is made for. */
  refuse: (invite: IncomingInvite, status: number, retryAfterSeconds: number) => void;
  onEnded: (ended: { callId: CallId; status: string; leaked: readonly string[] }) => void;
  /** Trunk from whose host a call comes in; null: none that is known. */
  trunkFrom?: (host: string) => number | null;
  /** What reads the snapshots of lost processes: the present release, another one in tests. */
  release?: CallRelease;
};

export type Recovery = { type: 'recovered' } | { type: 'unrecoverable'; reason: string };

export type CallRegistry = {
  /** A new inbound call. Refused with 503 when there is no capacity or nothing could be kept of it. */
  accept(invite: IncomingInvite, links?: CallLinks): void;
  /** A call of ours. Resolves with null once its row is durable and its INVITE on the way, else with why not. */
  place(call: OutboundCall): Promise<PlacementError | null>;
  /** Go on with a call whose process is gone. Never throws: what cannot be restored harms no other call. */
  recover(call: ClaimedCall): Recovery;
  /** Its media worker is gone: begin it anew where it is, as after the loss of a process, but under the same epoch. */
  rejoin(callId: CallId): void;
  /** Another process owns the call now: drop our copy without a word on the wire. */
  abandon(callId: CallId): void;
  /** False when no such call is live. */
  hangUp(callId: CallId): boolean;
  /** Of an operator, to a call that talks. False when it does not, or is not live here. */
  order(callId: CallId, order: OperatorOrder): boolean;
  isLive(callId: CallId): boolean;
  /** The calls of this process, with the epoch under which it owns them. */
  owned(): readonly { callId: CallId; epoch: number }[];
  readonly size: number;
  /** Resolves when no call is left; calls still up after `afterMs` are ended politely. */
  drain(options: { afterMs: number }): Promise<void>;
  /** Drop every copy as it is, without a word on the wire: another process goes on. Returns how many there were. */
  leave(): number;
};

const FIRST_EPOCH = 1;
const RETRY_AFTER_SECONDS = 5;
const LAST_COMMIT_MS = 30_000;

export const createCallRegistry = (deps: CallRegistryDeps): CallRegistry => {
  const { journal, ledger, liveCalls, log, now, release = CALL_RELEASE } = deps;
  const live = new Map<CallId, LiveEntry>();
  /** The copy of each call that the journal writes of, also after its end, until that is durable. */
  const latest = new Map<CallId, LiveEntry>();
  const emptied = new Set<() => void>();

  const takeSnapshot = (entry: LiveEntry) => {
    const snapshot = entry.actor.getSnapshot();
    const context = entry.fault ? faulted(snapshot.context, entry.fault, now()) : snapshot.context;
    const state = entry.fault ? 'ended' : topState(snapshot.value);
    return {
      seq: entry.journal.seq,
      epoch: context.epoch,
      nodeId: deps.nodeId,
      machineVersion: release.version,
      state,
      context,
      row: { ...callRow(state, context), ...(entry.metadata && { metadata: entry.metadata }) },
    };
  };

  const allEnded = (): Promise<void> =>
    live.size === 0 ? Promise.resolve() : new Promise((resolve) => emptied.add(resolve));

  const forget = (callId: CallId) => {
    journal.end(callId);
    latest.delete(callId);
    if (live.size === 0) for (const resolve of emptied) resolve();
  };

  const settle = (entry: LiveEntry) => {
    const { callId } = entry;
    // A copy that was given up, or replaced, settles nothing.
    if (live.get(callId) !== entry) return;
    live.delete(callId);
    const leaked = ledger.settle(callId);
    const { context } = takeSnapshot(entry);
    const status = terminalStatus(context);
    if (leaked.length > 0 && !entry.fault) log.error({ callId, leaked }, 'A call ended with resources still open.');
    liveCalls.trigger['call.gone']({ callId, status, cause: context.cause, leaked });
    deps.onEnded({ status, leaked, callId });
    journal
      .durable(callId, { timeoutMs: LAST_COMMIT_MS })
      .catch((error: unknown) => log.error({ callId, error }, 'The end of a call could not be committed.'))
      .finally(() => forget(callId));
  };

  const supervise = (entry: LiveEntry) => {
    const { callId, actor } = entry;
    live.set(callId, entry);
    latest.set(callId, entry);
    deps.roster.enter(actor);
    actor.on('*', (emitted) => {
      if (emitted.type === 'call.stepFailed') log.warn({ callId, ...emitted }, 'A step of a call failed.');
    });
    actor.subscribe({
      next: (snapshot) => liveCalls.trigger['call.changed']({ callId, change: liveView(snapshot) }),
      error: (error) => {
        entry.fault = faultFrom(error);
        log.error({ callId, error }, 'A call crashed; it is released and settled, others are not touched.');
        settle(entry);
      },
      // The last transition reaches the journal after this notice.
      complete: () => queueMicrotask(() => settle(entry)),
    });
  };

  const journalOf = (callId: CallId, epoch: number, from?: Pick<ClaimedCall, 'seq' | 'incarnations'>) =>
    createCallJournal({
      callId,
      epoch,
      journal,
      versions: MACHINE_VERSIONS,
      now: () => new Date(now()),
      ...(from ? { from } : {}),
    });

  /** An inert copy of a call: live, but with nothing running yet. */
  const restore = (claimed: ClaimedCall): LiveEntry => {
    const { callId, epoch } = claimed;
    const restoration = restoredSnapshot(deps.callLogic, claimed, release);
    if (restoration.type === 'unreadable') throw new Error(restoration.reason);
    const { snapshot } = restoration;
    const callJournal = journalOf(callId, epoch, claimed);
    const input = inputOf(snapshot.context);
    const actor = createActor(deps.callLogic, { id: callId, snapshot, input, inspect: callJournal.inspect });
    const entry: LiveEntry = { callId, epoch, actor, journal: callJournal, fault: null };
    const call = firstView(snapshot.context, deps.trunkFrom);
    supervise(entry);
    liveCalls.trigger['call.appeared']({ call });
    log.warn({ callId, was: snapshot.context.was, epoch }, 'A call is taken up again.');
    return entry;
  };

  const begin = (input: CallInput, metadata?: CallMetadata): LiveEntry => {
    const { callId } = input;
    const callJournal = journalOf(callId, FIRST_EPOCH);
    const actor = createActor(deps.callLogic, { id: callId, input, inspect: callJournal.inspect });
    const entry: LiveEntry = { callId, epoch: FIRST_EPOCH, actor, journal: callJournal, fault: null, metadata };
    supervise(entry);
    liveCalls.trigger['call.appeared']({ call: firstView(input, deps.trunkFrom) });
    journal.begin(callId, () => takeSnapshot(latest.get(callId) ?? entry));
    actor.start();
    return entry;
  };

  const rouse = ({ actor }: LiveEntry) => {
    actor.start();
    actor.send({ type: 'call.recover' });
  };

  return {
    accept: (invite, links = NO_LINKS) => {
      if (live.size >= deps.maxCalls || !journal.isAvailable) {
        deps.refuse(invite, 503, RETRY_AFTER_SECONDS);
        return;
      }
      const { limits, language } = deps;
      const callId = deps.newCallId();
      begin({ callId, direction: 'inbound', epoch: FIRST_EPOCH, startedAt: now(), invite, links, language, limits });
    },
    place: async (call) => {
      if (live.size >= deps.maxCalls) return notPlaced('capacity');
      if (!journal.isAvailable) return notPlaced('unavailable');
      const entry = begin(outboundInput(call, deps), call.metadata);
      const { value, context } = await waitFor(entry.actor, (snapshot) => topState(snapshot.value) !== 'opening').catch(
        () => entry.actor.getSnapshot(),
      );
      entry.metadata = undefined;
      if (topState(value) === 'dialling') return null;
      return notPlaced(context.cause === 'commitFailed' ? 'unavailable' : 'notReady');
    },
    recover: (claimed) => {
      const { callId, state, machineVersion } = claimed;
      try {
        const entry = restore(claimed);
        journal.resume(callId, claimed, () => takeSnapshot(latest.get(callId) ?? entry));
        rouse(entry);
        return { type: 'recovered' };
      } catch (error) {
        live.delete(callId);
        latest.delete(callId);
        const reason = faultFrom(error).message;
        log.error({ callId, state, machineVersion, reason }, 'A call cannot be restored.');
        return { type: 'unrecoverable', reason };
      }
    },
    rejoin: (callId) => {
      const lost = live.get(callId);
      if (!lost) return;
      ledger.abandon(callId);
      const { seq, epoch, machineVersion, state, context } = takeSnapshot(lost);
      live.delete(callId);
      lost.actor.stop();
      // What stopping told the journal comes before what the new actors tell.
      const left = { callId, epoch, seq: Math.max(seq, lost.journal.seq), machineVersion, state, context };
      try {
        rouse(restore({ ...left, incarnations: lost.journal.incarnations() }));
      } catch (error) {
        lost.fault = faultFrom(error);
        live.set(callId, lost);
        settle(lost);
      }
    },
    abandon: (callId) => {
      const entry = live.get(callId);
      if (!entry) return;
      live.delete(callId);
      ledger.abandon(callId);
      entry.actor.stop();
      const { cause } = entry.actor.getSnapshot().context;
      liveCalls.trigger['call.gone']({ callId, status: 'in_call', cause, leaked: [] });
      log.warn({ callId }, 'Another process owns this call now; our copy was dropped.');
      forget(callId);
    },
    hangUp: (callId) => {
      const entry = live.get(callId);
      entry?.actor.send({ type: 'operator.hangUp' });
      return entry !== undefined;
    },
    order: (callId, order) => {
      const entry = live.get(callId);
      if (!entry || topState(entry.actor.getSnapshot().value) !== 'talking') return false;
      entry.actor.send(order);
      return true;
    },
    isLive: (callId) => live.has(callId),
    owned: () => [...live.values()].map(({ callId, epoch }) => ({ callId, epoch })),
    get size() {
      return live.size;
    },
    leave: () => {
      const left = [...live.values()];
      live.clear();
      for (const { callId, actor } of left) {
        ledger.abandon(callId);
        actor.stop();
        forget(callId);
      }
      return left.length;
    },
    drain: async ({ afterMs }) => {
      if (live.size === 0) return;
      const timer = setTimeout(() => {
        for (const { actor } of live.values()) actor.send({ type: 'system.shutDown' });
      }, afterMs);
      await allEnded();
      clearTimeout(timer);
    },
  };
};
