/** The routes of the CRM about calls and what runs. */
import type { FastifyPluginAsync } from 'fastify';
import type { LiveCallsStore } from '#app/live-calls.store.ts';
import { createAudioLinks } from './audio-links.ts';
import { latencyRoutes } from './latency.routes.ts';
import { recordingsRoutes } from './recordings.routes.ts';
import { runtimeRoutes } from './runtime.routes.ts';
import { createSessionAccess } from './session.access.ts';
import type { CallSessionPorts } from './session.ports.ts';
import { sessionsRoutes } from './sessions.routes.ts';
import { staticAudioRoutes } from './static-audio.routes.ts';
import { transcriptsRoutes } from './transcripts.routes.ts';

type Options = CallSessionPorts & {
  liveCalls: LiveCallsStore;
  sessionsDirectory: string;
  jwtSecret: string;
  now: () => number;
};

export const callSessionRoutes: FastifyPluginAsync<Options> = async (app, options) => {
  const { sessions, orphans, mayClaim, showsLinkedId, audioLinkSeconds } = options;
  const { liveCalls, runtimeFacts, latencyOf, now, sessionsDirectory } = options;
  const links = createAudioLinks({
    secret: options.jwtSecret,
    lifetimeSeconds: audioLinkSeconds,
    now,
  });
  const access = createSessionAccess({ sessions, orphans, mayClaim });
  app.register(sessionsRoutes, {
    sessions,
    access,
    view: { sign: links.sign, showsLinkedId },
  });
  app.register(transcriptsRoutes, { access });
  app.register(recordingsRoutes, { sessions, orphans, sign: links.sign });
  app.register(staticAudioRoutes, { access, links, sessionsDirectory });
  app.register(runtimeRoutes, { liveCalls, runtimeFacts, now });
  app.register(latencyRoutes, { liveCalls, latencyOf, now });
};
