import type { CallId } from './call.ts';
import type { MediaReport, MediaRequest } from './media-protocol.ts';

/** The control thread's end of the media protocol. Implemented in `src/media`. */
export interface MediaLink {
  send(request: MediaRequest): void;
  /** Every fact of one call, of any generation. */
  subscribe(callId: CallId, listener: (report: MediaReport) => void): Disposable;
}
