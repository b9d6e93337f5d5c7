import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { LadderStep } from './ladder.ts';

const ROW = 30;
const WIDTH = 420;
const [PEER_X, OUR_X] = [110, 330];

/** Two lifelines and the messages between them; each message leads to its moment in the statechart. */
export const LadderView = ({ steps, callId }: { steps: readonly LadderStep[]; callId: string }): ReactElement => (
  <figure className="ladder">
    <figcaption>SIP</figcaption>
    <svg
      viewBox={`0 0 ${WIDTH} ${ROW * (steps.length + 1.4)}`}
      role="img"
      aria-label={`SIP messages: ${steps.map(({ text, towards }) => `${text} ${towards === 'us' ? 'received' : 'sent'}`).join(', ')}`}
    >
      <defs>
        <marker id="sip-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 L8 4 L0 8 z" />
        </marker>
      </defs>
      <text x={PEER_X} y={14} textAnchor="middle">
        Peer
      </text>
      <text x={OUR_X} y={14} textAnchor="middle">
        Trunkline
      </text>
      <path
        className="life"
        d={`M${PEER_X} 20V${ROW * (steps.length + 1.3)}M${OUR_X} 20V${ROW * (steps.length + 1.3)}`}
      />
      {steps.map(({ seq, text, towards, at, note }, index) => {
        const y = ROW * (index + 1.6);
        const [from, to] = towards === 'us' ? [PEER_X, OUR_X] : [OUR_X, PEER_X];
        return (
          <g key={`${seq}-${text}`}>
            <path d={`M${from} ${y}H${to}`} markerEnd="url(#sip-arrow)" />
            <text x={WIDTH / 2} y={y - 5} textAnchor="middle">
              {text}
              {note === null ? '' : ` (${note})`}
            </text>
            <text className="at" x={4} y={y + 3}>
              {new Date(at).toISOString().slice(11, 23)}
            </text>
          </g>
        );
      })}
    </svg>
    {steps.length > 0 && <Link href={`/calls/${callId}/chart?seq=${steps[0]?.seq ?? 1}`}>Walk through it</Link>}
  </figure>
);
