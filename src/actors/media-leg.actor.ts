import { fromCallback } from 'xstate';
import type { CallId } from '#domain/call.ts';
import { isLegFact } from '#domain/leg-facts.ts';
import type { MediaLink } from '#domain/media-link.ts';
import type { LegOrigin, MediaCommand } from '#domain/media-protocol.ts';
import type { NegotiatedMedia, RtpStatistics } from '#domain/media.ts';
import type { ResourceLedger } from '#domain/resource-ledger.ts';
import type { CallEvent, MediaLegCommand } from '#machines/call.types.ts';

export type MediaLegDeps = {
  link: MediaLink;
  ledger: ResourceLedger;
  /** Networks from which audio may come when the signalling comes from this host. */
  mediaCidrsOf: (signallingHost: string) => readonly string[];
  /** Measurements are shown, not decided upon: they go past the machine. */
  showQuality: (callId: CallId, statistics: RtpStatistics) => void;
  /** The worker thread is gone, and with it port, recording and model connection: the call has to be rejoined. */
  onWorkerLost: (callId: CallId) => void;
};

/** The RTP side of one call: opens the leg in a media worker on start (or opens it again where it was), releases it on stop at the latest. */
export const createMediaLegActor = ({ link, ledger, mediaCidrsOf, ...deps }: MediaLegDeps) =>
  fromCallback<MediaLegCommand, { callId: CallId; generation: number; origin: LegOrigin | null }>(
    ({ input, sendBack, receive }) => {
      const { callId, generation } = input;
      const tell = (event: CallEvent) => sendBack(event);
      const send = (command: MediaCommand) => link.send({ callId, generation, command });
      using opening = new DisposableStack();
      let connected: { media: NegotiatedMedia; signallingHost: string; allowedCidrs: readonly string[] } | null = null;
      let isReleased = false;

      const release = () => {
        if (isReleased) return;
        isReleased = true;
        send({ type: ledger.isAbandoned(callId) ? 'leg.abandon' : 'leg.close' });
      };
      const entry = opening.use(ledger.register(callId, 'media leg', release));
      const settle = (leaked: readonly string[]) => {
        entry[Symbol.dispose]();
        for (const kind of leaked) ledger.register(callId, `media worker: ${kind}`);
      };
      opening.use(
        link.subscribe(callId, ({ generation: of, fact }) => {
          if (of !== generation || !isLegFact(fact)) return;
          if (fact.type === 'media.measured') return deps.showQuality(callId, fact.statistics);
          if (fact.type === 'leg.failed' && fact.code === 'workerLost') return deps.onWorkerLost(callId);
          if (fact.type === 'leg.closed') settle(fact.leaked);
          tell(fact);
        }),
      );

      receive((command) => {
        switch (command.type) {
          case 'media.connect':
            connected = {
              media: command.media,
              signallingHost: command.signallingHost,
              allowedCidrs: mediaCidrsOf(command.signallingHost),
            };
            return send({ type: 'leg.connect', ...connected, ...(command.isEarly && { isEarly: true }) });
          case 'media.mute':
            send({ type: 'playout.flush' });
            if (!connected) return;
            return send({
              type: 'leg.connect',
              ...connected,
              media: { ...connected.media, direction: 'inactive' },
            });
          case 'media.detectCallee':
            return send({ ...command, type: 'leg.detectCallee' });
          case 'media.hush':
            return send({ type: 'playout.hush', isHushed: command.isHushed });
          case 'media.apologise':
            return send({ type: 'playout.apologise', language: command.language });
          case 'media.suspend':
            return send({ type: 'leg.suspend', isSuspended: command.isSuspended });
          case 'media.drain':
            return send({ type: 'playout.drain' });
          case 'media.release':
            return release();
        }
      });

      send(input.origin ? { type: 'leg.reopen', ...input.origin } : { type: 'leg.open' });
      const opened = opening.move();
      return () => {
        release();
        opened.dispose();
      };
    },
  );
