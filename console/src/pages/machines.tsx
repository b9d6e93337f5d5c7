/** The machines themselves, without a call. */
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { MachineCharts } from '../api/types.ts';
import { ChartView } from '../chart/chart-view.tsx';
import { words } from '../ui/format.ts';
import { useAnswer } from '../ui/listing.tsx';
import { Notice } from '../ui/notice.tsx';

const MachinesPage = ({ chosen }: { chosen: string }): ReactElement => {
  const { data, error } = useAnswer<MachineCharts>('machines', '/api/v1/machines');
  return (
    <>
      <div className="heading">
        <h1>Machines</h1>
        {data?.machines.map(({ machine }) => (
          <Link key={machine} href={`/machines/${machine}`} aria-current={machine === chosen ? 'page' : undefined}>
            {words(machine)}
          </Link>
        ))}
      </div>
      {error && <Notice kind="error">{error.message}</Notice>}
      <ChartView machine={chosen} state={null} entered={null} />
    </>
  );
};

export default MachinesPage;
