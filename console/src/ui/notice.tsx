/** A sentence in place of content: loading, nothing there, or what went wrong and what can be done. */
import type { ReactElement, ReactNode } from 'react';

type NoticeProps = {
  kind: 'busy' | 'empty' | 'error' | 'good';
  children: ReactNode;
  action?: { name: string; run: () => void };
};

export const Notice = ({ kind, children, action }: NoticeProps): ReactElement => (
  <div className={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
    <p>{children}</p>
    {action && (
      <button type="button" onClick={action.run}>
        {action.name}
      </button>
    )}
  </div>
);
