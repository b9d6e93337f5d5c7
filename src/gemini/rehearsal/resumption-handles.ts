/** Handles of resumable sessions: what they restore, and whether their session still holds a socket. */
import { randomBytes } from 'node:crypto';
import type { Directives } from './directives.ts';
import type { DialogueState } from './dialogue.ts';
import { RefusalError } from './setup.ts';

const KEPT = 20_000;

export type Resumable = { state: DialogueState; directives: Directives };

type Entry = Resumable & { sessionId: string };

export class ResumptionHandles {
  readonly #entries = new Map<string, Entry>();
  readonly #isOpen: (sessionId: string) => boolean;

  /** `isOpen`: whether the session with this id still holds a socket. */
  constructor(isOpen: (sessionId: string) => boolean) {
    this.#isOpen = isOpen;
  }

  issue(sessionId: string, resumable: Resumable): string {
    const handle = randomBytes(24).toString('base64url');
    this.#entries.set(handle, { ...resumable, sessionId });
    const oldest = this.#entries.size > KEPT ? this.#entries.keys().next().value : undefined;
    if (oldest !== undefined) this.#entries.delete(oldest);
    return handle;
  }

  /** Throws `RefusalError`: 1008 for an unknown handle, 1011 while the old socket is open (as the real server does). */
  redeem(handle: string): Resumable {
    const entry = this.#entries.get(handle);
    if (!entry) throw new RefusalError(1008, 'BidiGenerateContent session not found');
    if (this.#isOpen(entry.sessionId)) throw new RefusalError(1011, 'The session to resume is still connected.');
    return entry;
  }
}
