/** Shapes of the replay route. */
import { Type } from 'typebox';
import { CallIdText, nullable, Timestamp } from './common.schema.ts';

export const ReplayQuery = Type.Object(
  {
    seq: Type.Optional(Type.Integer({ minimum: 0, description: 'Up to and with this transition.' })),
    at: Type.Optional(Type.String({ format: 'date-time', description: 'Up to and with this time.' })),
  },
  { additionalProperties: false },
);

const Divergence = Type.Object({
  seq: Type.Integer(),
  eventType: Type.String(),
  recorded: Type.String(),
  computed: Type.String(),
});

const ReplayedActor = Type.Object(
  {
    actorPath: Type.String({ examples: ['call/model'] }),
    incarnation: Type.Integer(),
    machine: Type.String(),
    machineVersion: Type.Integer({ description: 'Of the machine that wrote the journal.' }),
    state: Type.String(),
    context: Type.Unknown({ description: 'What the actor knew; null when the machine is not known any more.' }),
    diverged: Type.Array(Divergence),
  },
  { title: 'ReplayedActor' },
);

export const Replay = Type.Object(
  {
    callId: CallIdText,
    seq: Type.Integer({ description: 'Of the last transition taken; 0 when there was none.' }),
    at: nullable(Timestamp),
    actors: Type.Array(ReplayedActor),
  },
  { title: 'Replay' },
);
