import { Type } from 'typebox';
import { CallConfigBody } from './call-config.schema.ts';
import { oneOf } from './page.schema.ts';

export const GreetingRequest = Type.Object(
  {
    phone_number: Type.Optional(Type.String({ maxLength: 64, description: 'Its country decides the language.' })),
    call_config: Type.Optional(CallConfigBody),
  },
  {
    examples: [
      {
        phone_number: '+359888123456',
        call_config: { greeting_instruction: 'Hello, [caller_name] from [company_name].' },
      },
    ],
  },
);

export const GreetingAnswer = Type.Object(
  {
    status: oneOf(['success']),
    greeting_file: Type.String({ description: 'Pass it to make_call as it is.' }),
    transcript: Type.String({ description: 'What is said, as far as the model tells.' }),
    language: Type.String({ description: 'In English.' }),
    language_code: Type.String({ description: 'ISO 639-1.' }),
    voice: Type.String(),
    greeting_text: Type.String({ description: 'The same as `transcript`.' }),
  },
  {
    examples: [
      {
        status: 'success',
        greeting_file: 'greetings/greeting_bg_20251201_120423_118_5.wav',
        transcript: 'Здравейте!',
        language: 'Bulgarian',
        language_code: 'bg',
        voice: 'Puck',
        greeting_text: 'Здравейте!',
      },
    ],
  },
);
