/** The one model connection of a call: caller audio in, agent audio out, everything else reported as facts. */
import type { LiveConnection, LiveConnectionEvents, OpenLiveConnection } from '#domain/live-connection.ts';
import { apologyIn } from '#domain/apology.ts';
import type { GreetingClip } from '#domain/greeting.ts';
import type { LiveSessionSettings, MediaFact, ModelCloseCode, ToolResponse } from '#domain/media-protocol.ts';
import type { AgentSpeech } from '#media/playout/agent-speech.ts';
import { MAX_RESAMPLER_INPUT, type Resampler } from '#media/resample/resampler.ts';
import type { CallerFeed } from './caller-feed.ts';
import { createGreeting } from './greeting.ts';

import { readApologyClip } from './apology-clip.ts';
import { readGreetingClip, sayClip } from './greeting-clip.ts';

type Close = { by: ModelCloseCode; code: number; reason: string; wasClean: boolean; isCut?: true };

type Deps = {
  open: OpenLiveConnection;
  speech: AgentSpeech;
  feed: CallerFeed;
  /** 24 to 8 kHz. */
  resampler: Resampler;
  tell: (fact: MediaFact) => void;
  now: () => number;
  clock: (nowMs: number) => number;
  /** Runs a callback of the connection so that its fault stays with this call. */
  guard: (run: () => void) => void;
};

export type ModelLink = {
  /** `isToGreet`: the model is given nothing before `greet`. */
  connect(connection: number, settings: LiveSessionSettings, isToGreet?: boolean): void;
  /** Asks the model for the greeting, or plays the clip in its place. */
  greet(connection: number, greeting: { text: string; clip: GreetingClip | null }): void;
  say(connection: number, text: string): void;
  /** Without the model: that the call cannot go on, in this language (BCP 47). */
  apologise(language: string): void;
  respond(connection: number, responses: readonly ToolResponse[]): void;
  close(connection: number, deadlineMs: number): void;
  /** What the other side says is heard at once, though the greeting goes on. */
  hearOut(): void;
  /** Nothing that the model says is played while hushed. */
  hush(isHushed: boolean): void;
  /** On hold: nothing that the model says is played, and it hears silence. */
  suspend(isSuspended: boolean): void;
  /** The caller talks over the agent. */
  onset(): void;
  ride(nowMs: number): void;
  isConnected(): boolean;
  /** Ends the connection at once. */
  terminate(): void;
};

type Held = { connection: number; live: LiveConnection | null; isOpen: boolean; closeBy: number };

/** How long after its deadline a connection may still say itself that it has closed. */
const CLOSE_GRACE_MS = 250;

const NO_LIVE = { by: 'connectFailed', code: 0, wasClean: false } as const;

export const createModelLink = (deps: Deps): ModelLink => {
  const { speech, feed, resampler, tell, now, clock, guard } = deps;
  const greeting = createGreeting();
  let held: Held | null = null;
  let isHushed = false;
  let isSuspended = false;

  const liveOf = (connection: number): LiveConnection | null =>
    held !== null && held.connection === connection && held.isOpen ? held.live : null;

  const flush = (by: 'model' | 'onset', nowMs: number): void => {
    speech.flush(by, nowMs);
    resampler.reset();
  };

  const tellClosed = (connection: number, close: Close): void => tell({ type: 'model.closed', connection, ...close });

  const detach = (of: Held, close: Close): void => {
    if (held !== of) return;
    held = null;
    feed.setSink(null);
    feed.release();
    const { connection } = of;
    const isCut = speech.turns.isGenerating();
    if (greeting.abandon(isCut)) tell({ type: 'model.greeted', connection });
    speech.complete(now());
    tellClosed(connection, isCut ? { ...close, isCut } : close);
  };

  const cut = (of: Held): void => {
    of.live?.terminate();
    detach(of, { by: 'local', code: 1006, reason: '', wasClean: false });
  };

  const opened = (of: Held): void => {
    if (of.isOpen || of.live === null) return;
    of.isOpen = true;
    feed.setSink(of.live);
    tell({ type: 'model.opened', connection: of.connection });
  };

  const takeAudio = (pcm24k: Int16Array): void => {
    const nowMs = now();
    greeting.audioCame(nowMs);
    const isDropping = speech.turns.isDropping(nowMs);
    for (let at = 0; at < pcm24k.length; at += MAX_RESAMPLER_INPUT) {
      const part = pcm24k.subarray(at, at + MAX_RESAMPLER_INPUT);
      const pcm8k = isDropping ? part : resampler.process(part, part.length);
      speech.push(pcm8k, isDropping ? Math.round(part.length / 3) : pcm8k.length, nowMs);
    }
    if ((isHushed || isSuspended) && !isDropping) flush('onset', nowMs);
  };

  const takeText = (kind: 'input' | 'output', text: string): void => {
    const nowMs = now();
    const atMs = clock(nowMs);
    if (kind === 'input') {
      tell({ type: 'transcript.callerSaid', turn: speech.turns.turnAfterCaller(), text, atMs });
      return;
    }
    const turn = speech.turns.current(nowMs);
    tell({ type: 'transcript.agentSaid', turn, text, atMs, audioOffsetMs: speech.turns.receivedMs(turn) });
  };

  /** It is the agent's turn as any other is. */
  const playClip = (pcm24k: Int16Array, text: string): void => {
    sayClip(pcm24k, text, { word: (word) => takeText('output', word), audio: takeAudio });
    speech.turns.generationCompleted();
    speech.complete(now());
  };

  const eventsOf = (of: Held): LiveConnectionEvents => {
    const { connection } = of;
    const whileHeld = (run: () => void): void => {
      if (held === of) guard(run);
    };
    return {
      onOpen: () => whileHeld(() => opened(of)),
      onAudio: (pcm24k) => whileHeld(() => takeAudio(pcm24k)),
      onText: (kind, text) => whileHeld(() => takeText(kind, text)),
      onInterrupted: () =>
        whileHeld(() => {
          // A greeting under way is played whatever is heard meanwhile.
          if (!greeting.isUnderWay()) flush('model', now());
          tell({ type: 'model.interrupted', connection, turn: speech.turns.latest() });
        }),
      onGenerationComplete: () => whileHeld(() => speech.turns.generationCompleted()),
      onTurnComplete: () =>
        whileHeld(() => {
          greeting.turnCompleted();
          tell({ type: 'model.turnCompleted', connection, turn: speech.complete(now()) });
        }),
      onToolCall: (calls) => whileHeld(() => tell({ type: 'model.toolCalled', connection, calls })),
      onToolCancelled: (ids) => whileHeld(() => tell({ type: 'model.toolCancelled', connection, ids })),
      onGoAway: (timeLeftMs) => whileHeld(() => tell({ type: 'model.goingAway', connection, timeLeftMs })),
      onResumptionUpdate: (handle, resumable) =>
        whileHeld(() => tell({ type: 'model.resumptionUpdated', connection, handle, resumable })),
      onUsage: (usage) => whileHeld(() => tell({ type: 'model.used', connection, usage })),
      onClose: (close) => guard(() => detach(of, close)),
    };
  };

  return {
    connect: (connection, settings, isToGreet = false) => {
      if (held !== null) {
        tellClosed(connection, { ...NO_LIVE, reason: 'This call has a model connection already.' });
        return;
      }
      const of: Held = { connection, live: null, isOpen: false, closeBy: Number.POSITIVE_INFINITY };
      held = of;
      if (isToGreet) feed.wait();
      try {
        let isOpenEarly = false;
        const events = eventsOf(of);
        of.live = deps.open(settings, {
          ...events,
          onOpen: () => (of.live === null ? (isOpenEarly = true) : events.onOpen()),
        });
        if (isOpenEarly) events.onOpen();
      } catch (error) {
        detach(of, { ...NO_LIVE, reason: error instanceof Error ? error.message : String(error) });
      }
    },
    greet: (connection, { text, clip }) => {
      const of = held;
      const live = liveOf(connection);
      if (of === null || live === null) return;
      feed.hold();
      greeting.ask(now());
      if (clip === null) return live.sendText(text);
      const whileHeld = (run: () => void) => guard(() => held === of && run());
      void readGreetingClip(clip.path).then(
        (pcm24k) => whileHeld(() => playClip(pcm24k, clip.text)),
        () => whileHeld(() => live.sendText(text)),
      );
    },
    say: (connection, text) => liveOf(connection)?.sendText(text),
    apologise: (language) => {
      const apology = apologyIn(language);
      greeting.ask(now());
      playClip(readApologyClip(apology.language), apology.text);
    },
    respond: (connection, responses) => liveOf(connection)?.sendToolResponses(responses),
    close: (connection, deadlineMs) => {
      const of = held;
      if (of === null || of.connection !== connection) return;
      feed.setSink(null);
      if (deadlineMs <= 0) return cut(of);
      of.closeBy = now() + deadlineMs + CLOSE_GRACE_MS;
      of.live?.close(deadlineMs);
    },
    hearOut: () => feed.release(),
    hush: (hushed) => {
      isHushed = hushed;
      if (!hushed) return;
      feed.release();
      flush('onset', now());
    },
    suspend: (suspended) => {
      isSuspended = suspended;
      feed.mute(suspended);
      if (suspended) flush('onset', now());
    },
    onset: () => {
      if (greeting.isUnderWay()) return;
      flush('onset', now());
    },
    ride: (nowMs) => {
      if (held !== null && nowMs >= held.closeBy) cut(held);
      if (!greeting.isUnderWay()) return;
      const speaking = { isQueued: speech.isQueued(), isGenerating: speech.turns.isGenerating() };
      if (!greeting.isOver(nowMs, speaking)) return;
      feed.release();
      if (held !== null) tell({ type: 'model.greeted', connection: held.connection });
    },
    isConnected: () => held !== null,
    terminate: () => {
      if (held === null) return;
      cut(held);
    },
  };
};
