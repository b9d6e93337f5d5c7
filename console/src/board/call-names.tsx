/** Names behind the ids of a live call, for whoever may see them; an id that is not to be seen stays a dash. */
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { Lead, Trunk } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { useUser } from '../ui/user-context.ts';

const KEPT_MS = 60_000;

const KnownLead = ({ leadId }: { leadId: number }): ReactElement => {
  const { data } = useQuery({
    queryKey: ['lead', leadId],
    queryFn: ({ signal }) => request<Lead>(`/api/crm/leads/${leadId}`, { signal }),
    staleTime: KEPT_MS,
  });
  return <>{data?.full_name ?? '–'}</>;
};

export const LeadName = ({ leadId }: { leadId: number | null }): ReactElement =>
  leadId === null ? <>–</> : <KnownLead leadId={leadId} />;

/** By id. Trunks are the operator's: nobody else is told of them. */
export const useTrunkNames = (): ReadonlyMap<number, string> | null => {
  const isOperator = useUser().role === 'superadmin';
  const { data } = useQuery({
    queryKey: ['trunk-names'],
    queryFn: async ({ signal }) => {
      const { trunks } = await request<{ trunks: Trunk[] }>('/api/v1/trunks', { signal });
      return new Map(trunks.map(({ id, name }) => [id, name]));
    },
    enabled: isOperator,
    staleTime: KEPT_MS,
  });
  return isOperator ? (data ?? new Map<number, string>()) : null;
};
