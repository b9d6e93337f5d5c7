/**
 * The rehearsal agent of one session: greets, listens, answers, is interrupted, calls tools. It knows messages and
 * time, no socket; time is given in ms of one monotonic clock.
 *
 *   (first text or audio) ─▶ speaking ─▶ listening ─▶ thinking ─▶ speaking … ; barge-in and tool calls from anywhere
 */
import { randomUUID } from 'node:crypto';
import type { Directives } from './directives.ts';
import { answer, asksForFarewell, farewell, greet } from './dialogue.ts';
import type { DialogueScript, DialogueState, Reply, ToolRequest } from './dialogue.ts';
import * as messages from './messages.ts';
import type { Setup } from './setup.ts';
import { Speaker, type Utterance } from './speaker.ts';
import { VoiceActivity, type VoiceChange } from './voice-activity.ts';
import { chooseLanguage, type Voices } from './voices.ts';

/** How long the first audio waits for a text trigger before the agent greets by itself. */
const GREETING_GRACE_MS = 500;
const TONE_LEAD_MS = 300;
const TONE_RESTART_MS = 1000;
const TOKENS_PER_SECOND = 25;

export type MarkName =
  'callerOnset' | 'callerStarted' | 'callerStopped' | 'speechStarted' | 'interrupted' | 'toolCalled' | 'toolResponded';
export type SentKind = 'audio' | 'transcription' | 'turnComplete' | 'other';

export type AgentOptions = {
  setup: Omit<Setup, 'model'>;
  directives: Directives;
  voices: Voices;
  /** Resolved from `directives.tone`. */
  toneHz: number | null;
  state: DialogueState;
  send(message: Buffer, kind: SentKind, durationMs: number): void;
  mark(what: MarkName, nowMs: number): void;
  /** A new handle for this state, or null when the client wants none. */
  issueHandle(state: DialogueState): string | null;
};

/** `next` follows when every response is there. */
type AwaitedTools = { ids: Set<string>; next: Reply | 'answer' | null };

export class RehearsalAgent {
  readonly #options: AgentOptions;
  readonly #script: DialogueScript;
  readonly #voice: VoiceActivity;
  readonly #speaker: Speaker;
  readonly #state: DialogueState;
  #reply: Reply | null = null;
  #awaited: AwaitedTools | null = null;
  #greetAt = Infinity;
  #next: { at: number; run(nowMs: number): void } | null = null;
  #queuedText: string | null = null;
  #onsets = 0;
  #heardMs = 0;
  #saidMs = 0;

  constructor(options: AgentOptions) {
    const { setup, directives, voices } = options;
    this.#options = options;
    this.#state = { ...options.state };
    this.#script = {
      ...voices.script(directives.language ?? chooseLanguage(setup.languageCode, setup.instruction)),
      clipsPerAnswer: directives.clips,
      turns: directives.turns,
      tools: setup.tools,
    };
    this.#voice = new VoiceActivity(directives.endpoint);
    this.#speaker = new Speaker({
      send: (message, kind, durationMs) => this.#sendSpeech(message, kind, durationMs),
      onGenerated: (now) => this.#finishGeneration(now),
      onPlayed: (now) => this.#finishTurn(now),
    });
    // A resumed session goes on with its tone.
    if (this.#state.greeted) this.#scheduleTone(0);
  }

  get isSpeaking(): boolean {
    return this.#speaker.isSpeaking;
  }

  hearAudio(pcm16k: Int16Array, nowMs: number): void {
    this.#heardMs += pcm16k.length / 16;
    if (!this.#state.greeted && this.#greetAt === Infinity) this.#greetAt = nowMs + GREETING_GRACE_MS;
    const change = this.#voice.accept(pcm16k);
    if (this.#voice.onsets !== this.#onsets) {
      this.#onsets = this.#voice.onsets;
      this.#options.mark('callerOnset', nowMs);
    }
    this.#react(change, nowMs);
  }

  hearEndOfAudio(nowMs: number): void {
    this.#react(this.#voice.end(), nowMs);
  }

  hearText(text: string, nowMs: number): void {
    if (!this.#state.greeted) this.#greet(nowMs);
    else if (this.#options.toneHz !== null) this.#emptyTurn();
    else if (this.#speaker.isSpeaking || this.#awaited) this.#queuedText = text;
    else this.#replyToText(text, nowMs);
  }

  /** History given at the start: the conversation goes on, without a greeting if the model has spoken in it. */
  recall(history: { hasModelTurn: boolean; complete: boolean }, nowMs: number): void {
    if (!history.hasModelTurn) {
      if (history.complete) this.hearText('', nowMs);
      return;
    }
    this.#state.greeted = true;
    if (this.#options.toneHz !== null) this.#scheduleTone(nowMs);
    else if (history.complete) this.#replyToText('', nowMs);
  }

  hearToolResponses(ids: readonly string[], nowMs: number): void {
    this.#options.mark('toolResponded', nowMs);
    const awaited = this.#awaited;
    if (!awaited) return;
    for (const id of ids) awaited.ids.delete(id);
    if (awaited.ids.size > 0) return;
    this.#awaited = null;
    if (awaited.next === 'answer') this.#perform(answer(this.#script, this.#state), nowMs);
    else if (awaited.next) this.#perform(awaited.next, nowMs);
  }

  tick(nowMs: number): void {
    this.#speaker.tick(nowMs);
    if (nowMs >= this.#greetAt) this.#greet(nowMs);
    if (!this.#next || nowMs < this.#next.at) return;
    const due = this.#next;
    this.#next = null;
    due.run(nowMs);
  }

  /** Calls a tool now, as the model would; an answer follows its response. */
  callTool(request: ToolRequest, nowMs: number): void {
    this.#callTool(request, 'answer', nowMs);
  }

  cancelTools(): void {
    if (!this.#awaited) return;
    this.#options.send(messages.toolCallCancellation([...this.#awaited.ids]), 'other', 0);
    this.#awaited = null;
  }

  /** Stops speaking as if the caller had barged in. */
  interrupt(nowMs: number): void {
    if (!this.#speaker.isSpeaking) return;
    this.#speaker.cut();
    this.#reply = null;
    this.#options.mark('interrupted', nowMs);
    this.#options.send(messages.INTERRUPTED, 'other', 0);
    this.#sendTurnComplete();
    this.#scheduleTone(nowMs + TONE_RESTART_MS);
  }

  /** Answers now, as if the caller had just finished. */
  answerNow(nowMs: number): void {
    this.#perform(answer(this.#script, this.#state), nowMs);
  }

  #react(change: VoiceChange, nowMs: number): void {
    if (change === null) return;
    const started = change === 'started';
    this.#options.mark(started ? 'callerStarted' : 'callerStopped', nowMs);
    if (this.#options.toneHz !== null) return;
    if (started) this.#yield(nowMs);
    else this.#considerAnswer(nowMs);
  }

  #yield(nowMs: number): void {
    this.#next = null;
    this.cancelTools();
    this.interrupt(nowMs);
  }

  #considerAnswer(nowMs: number): void {
    const seconds = (this.#voice.spokenMs / 1000).toFixed(1);
    if (this.#options.setup.transcribesInput) {
      this.#options.send(messages.inputTranscription(`[caller spoke for ${seconds} s]`), 'other', 0);
    }
    if (this.#greetAt !== Infinity) return;
    this.#after(this.#options.directives.think, nowMs, (now) => this.answerNow(now));
  }

  #replyToText(text: string, nowMs: number): void {
    const reply = asksForFarewell(text) ? farewell(this.#script) : answer(this.#script, this.#state);
    this.#after(this.#options.directives.think, nowMs, (now) => this.#perform(reply, now));
  }

  #greet(nowMs: number): void {
    this.#greetAt = Infinity;
    this.#state.greeted = true;
    const { directives, toneHz } = this.#options;
    if (!directives.silent && toneHz === null) return this.#perform(greet(this.#script), nowMs);
    this.#emptyTurn();
    this.#scheduleTone(nowMs);
  }

  #perform(reply: Reply, nowMs: number): void {
    if (reply.before) return this.#callTool(reply.before, { ...reply, before: null }, nowMs);
    if (reply.role === 'answer') this.#state.answersGiven += 1;
    this.#reply = reply;
    const speeches = reply.clips.map((id) => this.#options.voices.speech(id));
    this.#speak({ speeches, speed: this.#options.directives.speed, endlessLeadMs: null }, nowMs);
  }

  #speak(utterance: Utterance, nowMs: number): void {
    this.#options.mark('speechStarted', nowMs);
    this.#tellNotResumable();
    this.#speaker.begin(utterance, nowMs);
  }

  #scheduleTone(at: number): void {
    const { toneHz, directives, voices } = this.#options;
    if (toneHz === null) return;
    const isBurst = directives.on > 0;
    const speeches = [voices.tone(toneHz, isBurst ? directives.on : 1000)];
    const utterance = { speeches, speed: directives.speed, endlessLeadMs: isBurst ? null : TONE_LEAD_MS };
    this.#next = { at, run: (now) => this.#speak(utterance, now) };
  }

  #sendSpeech(message: Buffer, kind: 'audio' | 'transcription', durationMs: number): void {
    this.#saidMs += durationMs;
    if (kind === 'audio' || this.#options.setup.transcribesOutput) this.#options.send(message, kind, durationMs);
  }

  #finishGeneration(nowMs: number): void {
    this.#options.send(messages.GENERATION_COMPLETE, 'other', 0);
    const request = this.#reply?.after;
    if (request) this.#callTool(request, null, nowMs);
  }

  #finishTurn(nowMs: number): void {
    this.#reply = null;
    this.#sendTurnComplete();
    this.#scheduleTone(nowMs + this.#options.directives.off);
    const text = this.#queuedText;
    this.#queuedText = null;
    if (text !== null) this.#replyToText(text, nowMs);
  }

  #emptyTurn(): void {
    this.#options.send(messages.GENERATION_COMPLETE, 'other', 0);
    this.#sendTurnComplete();
  }

  #sendTurnComplete(): void {
    const promptTokenCount = Math.round((this.#heardMs * TOKENS_PER_SECOND) / 1000);
    const responseTokenCount = Math.round((this.#saidMs * TOKENS_PER_SECOND) / 1000);
    const usage = { promptTokenCount, responseTokenCount, totalTokenCount: promptTokenCount + responseTokenCount };
    this.#options.send(messages.turnComplete(usage), 'turnComplete', 0);
    const handle = this.#options.issueHandle({ ...this.#state });
    if (handle !== null) this.#options.send(messages.resumptionUpdate(handle), 'other', 0);
  }

  #callTool({ name, args }: ToolRequest, next: AwaitedTools['next'], nowMs: number): void {
    const id = `function-call-${randomUUID()}`;
    this.#awaited = { ids: new Set([id]), next };
    this.#options.mark('toolCalled', nowMs);
    this.#tellNotResumable();
    this.#options.send(messages.toolCall([{ id, name, args }]), 'other', 0);
  }

  /** Resuming while something is generated or a tool is awaited would lose it; the end of the turn brings a handle. */
  #tellNotResumable(): void {
    if (this.#options.setup.resumptionHandle !== null) this.#options.send(messages.NOT_RESUMABLE, 'other', 0);
  }

  #after(delayMs: number, nowMs: number, run: (nowMs: number) => void): void {
    this.#next = { at: nowMs + delayMs, run };
  }
}
