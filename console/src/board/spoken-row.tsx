/** Under a call of the board: what is said in it, as it is said. */
import { useLayoutEffect, useRef, type ReactElement } from 'react';
import { useSpoken } from '../api/use-spoken.ts';

export const SpokenRow = ({
  callId,
  peer,
  columns,
}: {
  callId: string;
  peer: string;
  columns: number;
}): ReactElement => {
  const segments = useSpoken(callId);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = box;
    if (segments.length > 0) current?.scrollTo({ top: current.scrollHeight });
  }, [segments]);
  return (
    <tr className="spoken">
      <td colSpan={columns}>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls is reached by keyboard */}
        <div ref={box} tabIndex={0} role="log" aria-label={`What is said with ${peer}`}>
          {segments.length === 0 ? (
            <p className="dim">Nothing has been said yet.</p>
          ) : (
            <ul>
              {segments.map(({ index, speaker, text }) => (
                <li key={index} className={speaker}>
                  <b>{speaker === 'agent' ? 'Agent' : 'Caller'}</b> {text}
                </li>
              ))}
            </ul>
          )}
        </div>
      </td>
    </tr>
  );
};
