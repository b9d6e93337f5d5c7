/** One socket of the rehearsal server: set-up, then the agent; everything that happens is counted in its record. */
import type { RawData, WebSocket } from 'ws';
import { RehearsalAgent, type SentKind } from './agent.ts';
import { parseJson, readAudioInput, readClientInput, type ClientInput } from './client-message.ts';
import { DEFAULT_DIRECTIVES, DirectiveError, readMarkers, type Directives } from './directives.ts';
import type { DialogueState } from './dialogue.ts';
import type { Fault } from './faults.ts';
import * as messages from './messages.ts';
import type { ResumptionHandles } from './resumption-handles.ts';
import { SessionFaults } from './session-faults.ts';
import { addMark, AudioTape, type SessionRecord } from './session-record.ts';
import { readSetup, RefusalError, type Setup } from './setup.ts';
import type { Voices } from './voices.ts';

/** A client that does not read is cut off here, as it would otherwise cost memory for ever. */
const MAX_UNSENT_BYTES = 32 * 1024 * 1024;
/** RFC 6455, 5.5. */
const MAX_REASON_BYTES = 123;
const INVALID = 'Request contains an invalid argument.';
const FRESH: DialogueState = { answersGiven: 0, greeted: false };

/** What the server provides to a session. */
export type SessionSurroundings = {
  voices: Voices;
  handles: ResumptionHandles;
  /** Orders that became due when the instruction was known. */
  draw(instruction: string): { faults: Fault[]; directives: Partial<Directives>[] };
  nextAutoTone(): number;
  recordSeconds: number;
  /** A fault of the server itself; the session is closed with 1011. */
  reportFault(error: unknown): void;
};

export type SessionOptions = {
  socket: WebSocket;
  record: SessionRecord;
  faults: readonly Fault[];
  directives: readonly Partial<Directives>[];
  surroundings: SessionSurroundings;
};

export class RehearsalSession {
  readonly record: SessionRecord;
  readonly #socket: WebSocket;
  readonly #options: SessionOptions;
  readonly #faults: SessionFaults;
  #setup: Setup | null = null;
  #directives: Directives = DEFAULT_DIRECTIVES;
  #state: DialogueState = FRESH;
  #agent: RehearsalAgent | null = null;
  #goLiveAt: number | null = null;
  #hasInput = false;
  #history: Setup['history'] = 'taken';
  #isSilenced = false;
  #tape: AudioTape | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.record = options.record;
    this.#faults = new SessionFaults({
      sendRaw: (what, value) => this.#send(what === 'goAway' ? messages.goAway(value) : messages.BROKEN_JSON),
      sendBurst: (ms) => this.#sendBurst(ms),
      end: (code, reason) => this.end(code, reason),
      stopSending: () => (this.#isSilenced = true),
      stopReading: () => this.#socket.pause(),
      resumeReading: () => this.#socket.resume(),
    });
    for (const fault of options.faults) this.#faults.add(fault, performance.now());
    this.#socket.on('message', (data) => this.#receive(data));
    this.#socket.on('ping', (data) => {
      if (!this.#faults.has('noPong')) this.#socket.pong(data);
    });
    // What follows is a close, and that is recorded.
    this.#socket.on('error', () => {});
  }

  /** The agent, once the session is live. */
  get agent(): RehearsalAgent | null {
    return this.#agent;
  }

  get tape(): AudioTape | null {
    return this.#tape;
  }

  addFault(fault: Fault): void {
    this.#faults.add(fault, performance.now());
  }

  tick(nowMs: number): void {
    this.#guarded(() => {
      if (this.#goLiveAt !== null && nowMs >= this.#goLiveAt) this.#goLive(nowMs);
      this.#agent?.tick(nowMs);
      this.#faults.tick(nowMs);
    });
  }

  /** Code 1006 cuts the connection. */
  end(code: number, reason: string): void {
    this.record.refusal ??= { code, reason };
    if (code === 1006) this.#socket.terminate();
    else
      this.#socket.close(
        code,
        Buffer.from(reason)
          .subarray(0, MAX_REASON_BYTES)
          .toString()
          .replace(/\uFFFD$/, ''),
      );
  }

  #receive(data: RawData): void {
    if (!Buffer.isBuffer(data)) return;
    const now = performance.now();
    this.#guarded(() => {
      const pcm = this.#agent && readAudioInput(data);
      if (pcm) this.#hear(pcm, now);
      else if (this.#setup) this.#take(readClientInput(parseJson(data)), now);
      else this.#setUp(parseJson(data), now);
    });
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (error instanceof RefusalError) return this.end(error.code, error.message);
      if (error instanceof DirectiveError) return this.end(1007, error.message);
      this.#options.surroundings.reportFault(error);
      this.end(1011, 'Internal error encountered.');
    }
  }

  #setUp(message: Record<string, unknown>, nowMs: number): void {
    if (!('setup' in message)) throw new RefusalError(1007, 'setup must be the first message.');
    this.record.setup = message['setup'];
    const setup = readSetup(message['setup']);
    const { surroundings } = this.#options;
    const resumed = setup.resumptionHandle ? surroundings.handles.redeem(setup.resumptionHandle) : null;
    const drawn = surroundings.draw(setup.instruction);
    for (const fault of drawn.faults) this.#faults.add(fault, nowMs);
    const ordered = [...this.#options.directives, ...drawn.directives, readMarkers(setup.instruction)];
    this.#directives = Object.assign({}, DEFAULT_DIRECTIVES, resumed?.directives, ...ordered);
    this.#state = resumed?.state ?? FRESH;
    this.record.resumed = resumed !== null;
    this.#setup = setup;
    this.#history = setup.history;
    if (this.#faults.spoilSetup()) return;
    this.#goLiveAt = nowMs + this.#faults.setupDelayMs;
    if (this.#goLiveAt <= nowMs) this.#goLive(nowMs);
  }

  #goLive(nowMs: number): void {
    this.#goLiveAt = null;
    const setup = this.#setup;
    if (!setup) return;
    const { surroundings } = this.#options;
    const { tone, record } = this.#directives;
    this.record.toneHz = tone === 'auto' ? surroundings.nextAutoTone() : tone;
    this.record.state = 'live';
    if (record) this.#tape = new AudioTape(surroundings.recordSeconds);
    this.#agent = new RehearsalAgent({
      setup,
      directives: this.#directives,
      voices: surroundings.voices,
      toneHz: this.record.toneHz,
      state: this.#state,
      send: (message, kind, durationMs) => this.#sendFromAgent(message, kind, durationMs),
      mark: (what, now) => addMark(this.record, what, now),
      issueHandle: (state) => this.#issueHandle(setup, state),
    });
    this.#send(messages.SETUP_COMPLETE);
    const handle = this.#issueHandle(setup, this.#state);
    if (handle !== null) this.#send(messages.resumptionUpdate(handle));
    this.#faults.start(nowMs);
  }

  #issueHandle(setup: Setup, state: DialogueState): string | null {
    if (setup.resumptionHandle === null) return null;
    const resumable = { state, directives: { ...this.#directives, tone: this.record.toneHz } };
    return this.#options.surroundings.handles.issue(this.record.id, resumable);
  }

  #hear(pcm: Int16Array, nowMs: number): void {
    this.#noteInput();
    this.record.audioFramesReceived += 1;
    this.record.audioMsReceived += pcm.length / 16;
    this.#tape?.add(pcm);
    this.#agent?.hearAudio(pcm, nowMs);
  }

  #take(input: ClientInput, nowMs: number): void {
    const agent = this.#agent;
    if (!agent) throw new RefusalError(1007, 'The session is not set up yet.');
    switch (input.type) {
      case 'audio':
        return this.#hear(input.pcm, nowMs);
      case 'audioEnd':
        return agent.hearEndOfAudio(nowMs);
      case 'activity':
        return undefined;
      case 'text':
        this.#noteInput();
        this.record.textsReceived += 1;
        return agent.hearText(input.text, nowMs);
      case 'toolResponse':
        this.record.toolResponsesReceived += input.ids.length;
        return agent.hearToolResponses(input.ids, nowMs);
      case 'history':
        return this.#recall(agent, input, nowMs);
    }
  }

  #recall(agent: RehearsalAgent, input: Extract<ClientInput, { type: 'history' }>, nowMs: number): void {
    if (this.#hasInput || this.#history === 'refused') throw new RefusalError(1007, INVALID);
    this.record.history.push(...input.turns);
    const hasModelTurn = input.turns.some(({ role }) => role === 'model');
    // Announced history asks for no answer; its end only ends it.
    agent.recall({ hasModelTurn, complete: input.complete && this.#history === 'taken' }, nowMs);
    if (input.complete && this.#history === 'awaited') this.#history = 'refused';
  }

  #noteInput(): void {
    if (this.#history === 'awaited') throw new RefusalError(1007, INVALID);
    this.#hasInput = true;
  }

  #sendFromAgent(message: Buffer, kind: SentKind, durationMs: number): void {
    if (kind === 'turnComplete') {
      if (this.#faults.has('neverTurnComplete')) return;
      this.record.turnsCompleted += 1;
    }
    this.#send(message);
    if (!this.#isSilenced) this.record.audioMsSent += durationMs;
  }

  #sendBurst(ms: number): void {
    const frames = this.#options.surroundings.voices.tone(440, 1000).frames;
    for (let sent = 0, index = 0; sent < ms; index = (index + 1) % frames.length) {
      const frame = frames[index];
      if (!frame) return;
      this.#sendFromAgent(frame.audio, 'audio', frame.durationMs);
      sent += frame.durationMs;
    }
    this.#send(messages.GENERATION_COMPLETE);
  }

  #send(message: Buffer): void {
    if (this.#isSilenced || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES) this.#socket.terminate();
    else this.#socket.send(message, { binary: true });
  }
}
