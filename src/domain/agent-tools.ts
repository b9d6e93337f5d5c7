/** Tools that every agent has. Pure. */
import type { ToolDeclaration } from './media-protocol.ts';

export const AGENT_TOOLS: readonly ToolDeclaration[] = [
  {
    name: 'record_outcome',
    description: 'Keep the result of this call for the people who work with it. Call it before the call ends.',
    parametersJsonSchema: {
      type: 'object',
      properties: {
        result: { type: 'string', description: 'One or two words, such as "interested" or "call back".' },
        notes: { type: 'string', description: 'What should be remembered, in one or two sentences.' },
      },
      required: ['result'],
    },
  },
  {
    name: 'end_call',
    description: 'Hang up. Say goodbye first: everything you have said is played to the caller before the call ends.',
    parametersJsonSchema: {
      type: 'object',
      properties: { reason: { type: 'string', description: 'Why the call ends.' } },
    },
  },
];
