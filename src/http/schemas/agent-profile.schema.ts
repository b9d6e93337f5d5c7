/** Shapes of agent profiles and prompt previews in the API. */
import { Type } from 'typebox';
import { VOICE_NAMES } from '#domain/call-config.ts';
import { PROFILE_LENGTHS } from '#domain/agent-profile.ts';
import { GREETING_MODES } from '#domain/greeting.ts';
import { nullable, Timestamp } from './common.schema.ts';
import { CallConfigBody } from './crm/call-config.schema.ts';

const Language = Type.String({ pattern: '^[a-zA-Z]{2,3}(-[A-Za-z0-9]{2,8})*$', maxLength: 35, examples: ['bg-BG'] });
const Voice = Type.Enum([...VOICE_NAMES]);
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const content = {
  name: Type.String({ minLength: 1, maxLength: PROFILE_LENGTHS.name, examples: ['Reception'] }),
  instruction: Type.String({
    minLength: 1,
    maxLength: PROFILE_LENGTHS.instruction,
    description: 'Who the agent is and how it speaks.',
  }),
  greeting: Type.String({ maxLength: PROFILE_LENGTHS.greeting, description: 'What incoming calls are greeted with.' }),
  language: orNull(Language),
  voice: orNull(Voice),
  greetingMode: orNull(
    Type.Enum([...GREETING_MODES], {
      description:
        'A greeting whose words are known: spoken by the model in the call, or played from a clip that is made once. Null: by the setting GREETING_MODE.',
    }),
  ),
  isDefault: Type.Boolean({ description: 'Used by the calls of its owner that name no profile; one at a time.' }),
};

export const NewProfile = Type.Object(
  {
    name: content.name,
    instruction: content.instruction,
    greeting: Type.Optional(content.greeting),
    language: Type.Optional(content.language),
    voice: Type.Optional(content.voice),
    greetingMode: Type.Optional(content.greetingMode),
    isDefault: Type.Optional(content.isDefault),
  },
  { additionalProperties: false },
);

export const ProfilePatch = Type.Partial(Type.Object(content), { additionalProperties: false });

export const ProfileParams = Type.Object({ profileId: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });

export const ProfileView = Type.Object(
  {
    id: Type.Integer(),
    ownerId: nullable(Type.Integer({ description: 'Null: shared by all.' })),
    version: Type.Integer({ description: 'Counts the changes.' }),
    name: Type.String(),
    instruction: Type.String(),
    greeting: Type.String(),
    language: nullable(Type.String()),
    voice: nullable(Type.String()),
    greetingMode: nullable(Type.String()),
    isDefault: Type.Boolean(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: 'AgentProfile' },
);

export const ProfileList = Type.Object({ profiles: Type.Array(ProfileView) });

export const ProfileVersions = Type.Object({
  versions: Type.Array(
    Type.Object({
      version: Type.Integer(),
      changedById: nullable(Type.Integer()),
      createdAt: Timestamp,
      content: Type.Unknown({ description: 'The profile as it was.' }),
    }),
  ),
});

export const PreviewRequest = Type.Object(
  {
    direction: Type.Optional(Type.Enum(['inbound', 'outbound'], { default: 'outbound' })),
    phoneNumber: Type.Optional(Type.String({ maxLength: 64, examples: ['+359888123456'] })),
    leadId: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
    profileId: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
    language: Type.Optional(Language),
    callConfig: Type.Optional(CallConfigBody),
  },
  { additionalProperties: false },
);

export const PromptView = Type.Object(
  {
    profileId: nullable(Type.Integer()),
    profileVersion: nullable(Type.Integer()),
    language: Type.String(),
    voice: nullable(Type.String()),
    systemInstruction: Type.String(),
    greetingRequest: Type.String(),
    greetingText: nullable(Type.String()),
    greetingClip: nullable(
      Type.String({ description: 'What is played, below the data folder. Null: the model greets.' }),
    ),
  },
  { title: 'Prompt' },
);
