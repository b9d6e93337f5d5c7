/** What users do about calls besides making them: transcribe, sum up, write, prepare a greeting. */
import type { FastifyPluginAsync } from 'fastify';
import type { PostCallDesk } from '#http/job.ports.ts';
import { greetingRoutes, type GreetingStudio } from './greeting.routes.ts';
import type { SessionAccess } from './session.access.ts';
import { smsRoutes, type SmsOptions } from './sms.routes.ts';
import { transcriptJobsRoutes } from './transcript-jobs.routes.ts';

export type FollowUpPorts = Pick<SmsOptions, 'sms' | 'gateSlots'> & {
  postCall: PostCallDesk;
  greetings: GreetingStudio;
};

type Options = FollowUpPorts & { access: SessionAccess; defaultRegion: string | null };

export const followUpRoutes: FastifyPluginAsync<Options> = async (app, options) => {
  app.register(transcriptJobsRoutes, options);
  app.register(smsRoutes, options);
  app.register(greetingRoutes, options);
};
