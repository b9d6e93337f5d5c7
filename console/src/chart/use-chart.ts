/** The drawing of a machine. ELK is large, so it comes with the first drawing and works in a thread of its own. */
import { useQuery } from '@tanstack/react-query';
import type { ELK } from 'elkjs/lib/elk-api.js';
import { request } from '../api/client.ts';
import type { MachineCharts } from '../api/types.ts';
import { layOut, type PlacedChart } from './layout.ts';

let elk: Promise<ELK> | null = null;

const loadElk = async (): Promise<ELK> => {
  const [{ default: Elk }, { default: workerUrl }] = await Promise.all([
    import('elkjs/lib/elk-api.js'),
    import('elkjs/lib/elk-worker.min.js?url'),
  ]);
  return new Elk({ workerUrl });
};

const drawn = async (machine: string): Promise<PlacedChart | null> => {
  elk ??= loadElk();
  const { machines } = await request<MachineCharts>('/api/v1/machines');
  const chart = machines.find((known) => known.machine === machine);
  return chart ? layOut(await elk, chart) : null;
};

export const useChart = (machine: string) =>
  useQuery({ queryKey: ['chart', machine], queryFn: () => drawn(machine), staleTime: Number.POSITIVE_INFINITY });
