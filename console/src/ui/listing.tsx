/** What most pages are: something asked of the API, shown as a table, with a sentence while there is none. */
import { useQuery } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { request } from '../api/client.ts';
import { Notice } from './notice.tsx';
import type { Said } from './use-action.ts';

/** `path` is also what it is kept under, after `key`. */
export const useAnswer = <T,>(key: string, path: string, everyMs: number | false = false) =>
  useQuery({
    queryKey: [key, path],
    queryFn: ({ signal }) => request<T>(path, { signal }),
    refetchInterval: everyMs,
    placeholderData: (before) => before,
  });

export const SaidNotice = ({ said }: { said: Said | null }): ReactElement | null =>
  said && <Notice kind={said.kind}>{said.text}</Notice>;

export type Column<Row> = { name: string; show: (row: Row) => ReactNode; isFigure?: boolean };

type TableProps<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string | number;
};

export const Table = <Row,>({ label, columns, rows, keyOf }: TableProps<Row>): ReactElement => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls is reached by keyboard
  <div className="scroll" tabIndex={0} role="region" aria-label={label}>
    <table>
      <thead>
        <tr>
          {columns.map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map(({ name, show, isFigure }) => (
              <td key={name} className={isFigure === true ? 'figure' : undefined}>
                {show(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

export type ListingProps<Row> = TableProps<Row> & {
  query: { data: unknown; error: Error | null; isPending: boolean; refetch: () => unknown };
  empty: string;
};

export const Listing = <Row,>({ query, empty, ...table }: ListingProps<Row>): ReactElement => {
  if (query.error) {
    return (
      <Notice kind="error" action={{ name: 'Try again', run: () => void query.refetch() }}>
        {query.error.message}
      </Notice>
    );
  }
  if (query.isPending) return <Notice kind="busy">Loading…</Notice>;
  return table.rows.length === 0 ? <Notice kind="empty">{empty}</Notice> : <Table {...table} />;
};

type ListPageProps<Row> = ListingProps<Row> & {
  title: string;
  aside?: ReactNode;
  said: Said | null;
  children: ReactNode;
};

/** Its name, what can be made new (`children`), what came of the last order, and the list. */
export const ListPage = <Row,>({ title, aside, said, children, ...listing }: ListPageProps<Row>): ReactElement => (
  <>
    <div className="heading">
      <h1>{title}</h1>
      {aside}
    </div>
    {children}
    <SaidNotice said={said} />
    <Listing {...listing} />
  </>
);
