/** Answers to commands for a call that has no leg here, so that nobody waits for ever. */
import type { MediaCommand, MediaFact } from '#domain/media-protocol.ts';

const NO_LEG = 'This call has no media leg.';

export const answerWithoutLeg = (command: MediaCommand, tell: (fact: MediaFact) => void): void => {
  switch (command.type) {
    case 'leg.close':
    case 'leg.abandon':
      return tell({ type: 'leg.closed', leaked: [], statistics: null });
    case 'model.connect':
    case 'model.close': {
      const by = command.type === 'model.close' ? 'local' : 'connectFailed';
      return tell({
        type: 'model.closed',
        connection: command.connection,
        by,
        code: 0,
        reason: NO_LEG,
        wasClean: false,
      });
    }
    case 'recording.start':
    case 'recording.resume':
    case 'recording.stop':
      return tell({ type: 'recording.failed', code: 'noLeg', message: NO_LEG });
    case 'playout.drain':
      return tell({ type: 'playout.drained' });
    default:
      return undefined;
  }
};
