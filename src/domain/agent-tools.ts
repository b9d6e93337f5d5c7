/** Tools of the agent. Pure. */
import type { RecordedOutcome } from './call.ts';
import type { ToolCall, ToolDeclaration } from './media-protocol.ts';

const AGENT_TOOLS: readonly ToolDeclaration[] = [
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

const transferTool = (numbers: readonly string[]): ToolDeclaration => ({
  name: 'transfer_call',
  description:
    'Connect the other side with a person. Say that you do so first. When it fails you are told, and the call goes on.',
  parametersJsonSchema: {
    type: 'object',
    properties: {
      number: { type: 'string', enum: [...numbers], description: 'Whom to connect with.' },
      reason: { type: 'string', description: 'Why the call is transferred.' },
    },
    required: ['number'],
  },
});

/** `transferNumbers`: to which it may transfer; none: it cannot. */
export const agentTools = (transferNumbers: readonly string[]): readonly ToolDeclaration[] =>
  transferNumbers.length === 0 ? AGENT_TOOLS : [...AGENT_TOOLS, transferTool(transferNumbers)];

export const isEndOfCall = ({ name }: ToolCall): boolean => name === 'end_call';

/** What the model wants to have kept of the call, bounded; null when it has not said so. */
export const outcomeIn = (calls: readonly ToolCall[]): RecordedOutcome | null => {
  const args = calls.find(({ name }) => name === 'record_outcome')?.args;
  if (!args) return null;
  const { result, notes } = args;
  return {
    result: typeof result === 'string' ? result.slice(0, 200) : 'unknown',
    notes: typeof notes === 'string' ? notes.slice(0, 1_000) : null,
  };
};
