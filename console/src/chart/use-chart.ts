/** The drawing of a machine. ELK is large, so it comes with the first drawing and works in a thread of its own. */
import { useQuery } from '@tanstack/react-query';
import type { ELK } from 'elkjs/lib/elk-api.js';
import type { MachineChart } from '#domain/machine-chart.ts';
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

type Kept = { source: string; placed: PlacedChart };

const keyOf = ({ machine }: MachineChart): string => `trunkline.chart.${machine}`;

/** A large machine takes seconds to lay out, and is the same until the application is another. */
const keptOf = (chart: MachineChart, source: string): PlacedChart | null => {
  const text = localStorage.getItem(keyOf(chart));
  const kept = text === null ? null : (JSON.parse(text) as Kept);
  return kept?.source === source ? kept.placed : null;
};

const keep = (chart: MachineChart, kept: Kept): void => {
  try {
    localStorage.setItem(keyOf(chart), JSON.stringify(kept));
  } catch {
    // The storage is full: it is laid out again the next time.
  }
};

const placedOf = async (chart: MachineChart): Promise<PlacedChart> => {
  // A build may lay out differently.
  const source = `${import.meta.url} ${JSON.stringify(chart)}`;
  const kept = keptOf(chart, source);
  if (kept) return kept;
  elk ??= loadElk();
  const placed = await layOut(await elk, chart);
  keep(chart, { source, placed });
  return placed;
};

const drawn = async (machine: string): Promise<PlacedChart | null> => {
  const { machines } = await request<MachineCharts>('/api/v1/machines');
  const chart = machines.find((known) => known.machine === machine);
  return chart ? placedOf(chart) : null;
};

export const useChart = (machine: string) =>
  useQuery({ queryKey: ['chart', machine], queryFn: () => drawn(machine), staleTime: Number.POSITIVE_INFINITY });
