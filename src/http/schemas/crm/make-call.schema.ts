/** Shapes of a call that a page of the CRM places. */
import { Type } from 'typebox';
import { CallIdText } from '#http/schemas/common.schema.ts';
import { CallConfigBody, ResolvedCallConfig } from './call-config.schema.ts';

export const MakeCall = Type.Object(
  {
    phone_number: Type.Optional(Type.String({ maxLength: 64 })),
    call_config: Type.Optional(CallConfigBody),
    greeting_file: Type.Optional(Type.String({ maxLength: 200, description: 'Answer of generate_greeting.' })),
    greeting_transcript: Type.Optional(
      Type.String({ maxLength: 5_000, description: 'What the callee will have heard already.' }),
    ),
  },
  { title: 'MakeCall' },
);

export const CallMade = Type.Object(
  {
    status: Type.Literal('success'),
    session_id: CallIdText,
    phone_number: Type.String(),
    message: Type.String(),
    custom_config: ResolvedCallConfig,
  },
  { title: 'CallMade' },
);
