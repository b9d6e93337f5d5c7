/** The machines themselves, for whoever draws them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { MachineChart } from '#domain/machine-chart.ts';
import { problems } from './schemas/common.schema.ts';

const Charts = Type.Unsafe<{ machines: readonly MachineChart[] }>({
  type: 'object',
  title: 'MachineCharts',
  description: 'Each machine with its states as a tree (`root`) and its transitions (`edges`).',
  additionalProperties: true,
});

export const machinesRoutes: FastifyPluginAsyncTypebox<{
  charts: () => readonly MachineChart[];
}> = async (app, { charts }) => {
  app.get(
    '/machines',
    {
      config: { who: 'user' },
      schema: {
        operationId: 'listMachines',
        tags: ['calls'],
        summary: 'The statecharts of calls and their parts',
        response: { 200: Charts, ...problems(401) },
      },
    },
    async () => ({ machines: charts() }),
  );
};
