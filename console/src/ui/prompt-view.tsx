/** A prompt as the model gets it. */
import type { ReactElement } from 'react';
import type { Prompt } from '../../../client/operations.ts';

const Text = ({ label, text }: { label: string; text: string }): ReactElement => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls is reached by keyboard
  <pre className="text" tabIndex={0} role="region" aria-label={label}>
    {text}
  </pre>
);

export const PromptView = ({ prompt }: { prompt: Prompt }): ReactElement => (
  <>
    <p className="dim">
      {prompt.profileId === null
        ? 'No profile'
        : `Profile ${prompt.profileId}, version ${prompt.profileVersion ?? '–'}`}
      , language {prompt.language}, voice {prompt.voice ?? 'the usual one'}, greeting{' '}
      {prompt.greetingClip === null ? 'spoken live' : 'played from a clip'}
    </p>
    <Text label="Instruction of the system" text={prompt.systemInstruction} />
    <Text label="Request for the greeting" text={prompt.greetingRequest} />
  </>
);
