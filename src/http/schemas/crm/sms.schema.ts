import { Type } from 'typebox';
import { oneOf } from './page.schema.ts';

export const SmsRequest = Type.Object(
  {
    phone_number: Type.String({ maxLength: 64, description: 'E.164 or national.' }),
    message: Type.String({ minLength: 1, maxLength: 1600 }),
    gate_slot: Type.Optional(Type.Integer({ default: 9, description: 'SIM card that sends it.' })),
  },
  { examples: [{ phone_number: '+359888123456', message: 'Your offer is on its way.', gate_slot: 9 }] },
);

export const SmsAnswer = Type.Object(
  {
    status: oneOf(['success']),
    message: Type.String(),
    phone_number: Type.String({ description: 'E.164.' }),
    gate_slot: Type.Integer(),
    sms_length: Type.Integer({ description: 'Characters of the message.' }),
    response: Type.String({ description: 'OK; never what the gateway wrote.' }),
  },
  {
    examples: [
      {
        status: 'success',
        message: 'SMS sent successfully',
        phone_number: '+359888123456',
        gate_slot: 9,
        sms_length: 25,
        response: 'OK',
      },
    ],
  },
);
