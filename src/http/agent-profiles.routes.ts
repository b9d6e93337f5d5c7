/** Agent profiles, and what a call's prompt would be. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { CallPrompts } from '#app/call-prompts.ts';
import type { KeptProfile, ProfileContent, ProfileVersion } from '#domain/agent-profile.ts';
import type { CallId } from '#domain/call.ts';
import { canSee, type OwnerScope } from '#domain/user.ts';
import { orderedNumber } from './placement.ts';
import { Problem } from './problem.ts';
import {
  NewProfile,
  PreviewRequest,
  ProfileList,
  ProfileParams,
  ProfilePatch,
  ProfileVersions,
  ProfileView,
  PromptView,
} from './schemas/agent-profile.schema.ts';
import { CallParams, problems } from './schemas/common.schema.ts';

/** Rejects like `CallRecords`. */
export type ProfileStore = {
  list(scope: OwnerScope): Promise<readonly KeptProfile[]>;
  find(id: number): Promise<KeptProfile | null>;
  create(ownerId: number | null, content: ProfileContent, changedById: number | null): Promise<KeptProfile | null>;
  update(id: number, content: ProfileContent, changedById: number | null): Promise<KeptProfile | null>;
  remove(id: number): Promise<boolean>;
  versions(id: number): Promise<readonly ProfileVersion[]>;
};

export type PromptPorts = {
  profiles: ProfileStore;
  prompts: Pick<CallPrompts, 'preview'>;
  promptOf(callId: CallId): Promise<Awaited<ReturnType<CallPrompts['preview']>> | null>;
  ownerOfCall(callId: CallId): Promise<{ ownerId: number | null } | null>;
  ownerOfLead(leadId: number): Promise<{ ownerId: number } | null>;
  defaultRegion: string | null;
};

const notFound = () => new Problem(404, 'profile_not_found', 'No agent profile has this id.');
const notYours = () => new Problem(403, 'profile_not_yours', 'This agent profile belongs to somebody else.');
const nameTaken = () => new Problem(409, 'profile_name_taken', 'There is an agent profile of this name already.');

const show = ({ createdAt, updatedAt, ...profile }: KeptProfile) => ({
  ...profile,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

const contentOf = ({ name, isDefault, ...profile }: KeptProfile): ProfileContent => {
  const { instruction, greeting, language, voice, greetingMode } = profile;
  return { name, isDefault, instruction, greeting, language, voice, greetingMode };
};

/** A superadmin's profiles are everybody's. */
const ownerFor = ({ viewer }: FastifyRequest): number | null => (viewer.role === 'superadmin' ? null : viewer.id);
const changer = ({ viewer }: FastifyRequest): number | null => (viewer.id === 0 ? null : viewer.id);

export const agentProfilesRoutes: FastifyPluginAsyncTypebox<PromptPorts> = async (app, ports) => {
  const { profiles, prompts } = ports;

  /** Shared profiles may be read by all. */
  const readable = async (id: number, { scope }: FastifyRequest): Promise<KeptProfile> => {
    const profile = await profiles.find(id);
    if (!profile) throw notFound();
    if (profile.ownerId !== null && !canSee(scope, profile.ownerId)) throw notYours();
    return profile;
  };

  const writable = async (id: number, request: FastifyRequest): Promise<KeptProfile> => {
    const profile = await readable(id, request);
    if (!canSee(request.scope, profile.ownerId)) throw notYours();
    return profile;
  };

  app.get(
    '/agent-profiles',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listAgentProfiles',
        tags: ['agents'],
        summary: 'The agent profiles of the user, and the shared ones',
        response: { 200: ProfileList, ...problems(401, 503) },
      },
    },
    async ({ scope }) => ({ profiles: (await profiles.list(scope)).map(show) }),
  );

  app.get(
    '/agent-profiles/:profileId',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getAgentProfile',
        tags: ['agents'],
        summary: 'One agent profile',
        params: ProfileParams,
        response: { 200: ProfileView, ...problems(401, 403, 404, 503) },
      },
    },
    async (request) => show(await readable(request.params.profileId, request)),
  );

  app.get(
    '/agent-profiles/:profileId/versions',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listAgentProfileVersions',
        tags: ['agents'],
        summary: 'What the profile said before, newest first',
        params: ProfileParams,
        response: { 200: ProfileVersions, ...problems(401, 403, 404, 503) },
      },
    },
    async (request) => {
      const { id } = await readable(request.params.profileId, request);
      const versions = await profiles.versions(id);
      return {
        versions: versions.map(({ createdAt, ...version }) => ({ ...version, createdAt: createdAt.toISOString() })),
      };
    },
  );

  app.post(
    '/agent-profiles',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'createAgentProfile',
        tags: ['agents'],
        summary: 'A new agent profile',
        body: NewProfile,
        response: { 201: ProfileView, ...problems(400, 401, 403, 409, 422, 503) },
      },
    },
    async (request, reply) => {
      const { name, instruction, greeting = '', isDefault = false } = request.body;
      const { language = null, voice = null, greetingMode = null } = request.body;
      const content = { name, instruction, greeting, language, voice, greetingMode, isDefault };
      const created = await profiles.create(ownerFor(request), content, changer(request));
      if (!created) throw nameTaken();
      return reply.code(201).send(show(created));
    },
  );

  app.patch(
    '/agent-profiles/:profileId',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'changeAgentProfile',
        tags: ['agents'],
        summary: 'Changes fields of a profile; calls that begin afterwards use it',
        params: ProfileParams,
        body: ProfilePatch,
        response: { 200: ProfileView, ...problems(400, 401, 403, 404, 409, 422, 503) },
      },
    },
    async (request) => {
      const before = await writable(request.params.profileId, request);
      const given = Object.entries(request.body).filter(([, value]) => value !== undefined);
      const content: ProfileContent = { ...contentOf(before), ...Object.fromEntries(given) };
      const updated = await profiles.update(before.id, content, changer(request));
      if (!updated) throw nameTaken();
      return show(updated);
    },
  );

  app.delete(
    '/agent-profiles/:profileId',
    {
      config: { who: 'subscriber' },
      schema: {
        operationId: 'removeAgentProfile',
        tags: ['agents'],
        summary: 'Removes a profile; its versions stay known',
        params: ProfileParams,
        response: { 200: ProfileView, ...problems(401, 403, 404, 503) },
      },
    },
    async (request) => {
      const before = await writable(request.params.profileId, request);
      await profiles.remove(before.id);
      return show(before);
    },
  );

  const ownLead = async (leadId: number | undefined, { scope }: FastifyRequest): Promise<number | null> => {
    if (leadId === undefined) return null;
    const lead = await ports.ownerOfLead(leadId);
    if (!lead) throw new Problem(404, 'lead_not_found', 'No lead has this id.');
    if (!canSee(scope, lead.ownerId)) throw new Problem(403, 'lead_not_yours', 'This lead belongs to somebody else.');
    return leadId;
  };

  app.post(
    '/prompt-previews',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'previewPrompt',
        tags: ['agents'],
        summary: 'The prompt that a call like this would use now, word for word',
        body: PreviewRequest,
        response: { 200: PromptView, ...problems(400, 401, 403, 404, 422, 503) },
      },
    },
    async (request) => {
      const { direction = 'outbound', phoneNumber, leadId, profileId, language, callConfig } = request.body;
      if (profileId !== undefined) await readable(profileId, request);
      return prompts.preview({
        profileId: profileId ?? null,
        subject: {
          direction,
          ownerId: request.viewer.id === 0 ? null : request.viewer.id,
          leadId: await ownLead(leadId, request),
          number: phoneNumber === undefined ? null : orderedNumber(phoneNumber, 422, ports.defaultRegion),
          metadata: {
            ...(callConfig === undefined ? {} : { call_config: callConfig }),
            ...(language === undefined ? {} : { language }),
          },
        },
      });
    },
  );

  app.get(
    '/calls/:callId/prompt',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'getPrompt',
        tags: ['calls'],
        summary: 'The prompt that the call used',
        params: CallParams,
        response: { 200: PromptView, ...problems(401, 403, 404, 503) },
      },
    },
    async ({ params: { callId }, scope }) => {
      const owner = await ports.ownerOfCall(callId);
      if (!owner) throw new Problem(404, 'call_not_found', 'No call has this id.');
      if (!canSee(scope, owner.ownerId))
        throw new Problem(403, 'call_not_yours', 'This call belongs to somebody else.');
      const prompt = await ports.promptOf(callId);
      if (!prompt) throw new Problem(404, 'prompt_unknown', 'No prompt was kept of this call.');
      return prompt;
    },
  );
};
