/** Which of many rows of the same height are in sight. The page scrolls, not the table. */
import { useEffect, useState, type RefObject } from 'react';

type Span = { first: number; end: number };

/** Rows that stand ready above and below. */
const SPARE = 2;

const spanOf = (top: number, viewHeight: number, rowHeight: number): Span => ({
  first: Math.max(0, Math.floor(-top / rowHeight) - SPARE),
  end: Math.max(0, Math.ceil((viewHeight - top) / rowHeight) + SPARE),
});

/** From `first` up to, but without, `end`; `moreRows` are drawn besides, for what stands between rows and is higher than they. */
export const useRowsInSight = (body: RefObject<HTMLElement | null>, rowHeight: number, moreRows: number): Span => {
  const [span, setSpan] = useState<Span>({ first: 0, end: 0 });
  useEffect(() => {
    const look = () => {
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const next = spanOf(top, window.innerHeight, rowHeight);
      setSpan((before) => (before.first === next.first && before.end === next.end ? before : next));
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    window.addEventListener('resize', look);
    return () => {
      window.removeEventListener('scroll', look);
      window.removeEventListener('resize', look);
    };
  }, [body, rowHeight]);
  return { first: Math.max(0, span.first - moreRows), end: span.end + moreRows };
};
