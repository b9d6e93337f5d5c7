/** What the model was told in this call; asked for when somebody wants to see it. */
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import type { Prompt } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { Notice } from '../ui/notice.tsx';
import { PromptView } from '../ui/prompt-view.tsx';

const Fetched = ({ callId }: { callId: string }): ReactElement => {
  const { data, error } = useQuery({
    queryKey: ['prompt', callId],
    queryFn: ({ signal }) => request<Prompt>(`/api/v1/calls/${encodeURIComponent(callId)}/prompt`, { signal }),
  });
  if (error) return <Notice kind="empty">{error.message}</Notice>;
  return data ? <PromptView prompt={data} /> : <Notice kind="busy">Loading…</Notice>;
};

export const PromptUsed = ({ callId }: { callId: string }): ReactElement => {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Prompt of this call</summary>
      {isOpen && <Fetched callId={callId} />}
    </details>
  );
};
