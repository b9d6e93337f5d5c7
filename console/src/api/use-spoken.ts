/** What is said in a live call: so far, and as it goes on. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { request } from './client.ts';
import { listen } from './live-events.ts';
import type { Transcript, TranscriptSegment } from './types.ts';

type Words = ReadonlyMap<number, TranscriptSegment>;

const NONE: Words = new Map();
const PACE_MS = 200;

/** Only what comes while the component lives. */
export const useSpokenNow = (callId: string, isWanted = true): Words => {
  const [words, setWords] = useState(NONE);
  useEffect(() => {
    if (!isWanted) return undefined;
    return listen(`/api/v1/events?callId=${callId}&everyMs=${PACE_MS}`, {
      onEvent: ({ type, data }) => {
        if (type !== 'transcript.segment') return;
        const { segment } = data as { segment: TranscriptSegment };
        setWords((before) => new Map(before).set(segment.index, segment));
      },
      onState: () => {},
    });
  }, [callId, isWanted]);
  return words;
};

/** `fetched` and what came since, in the order in which it was said. */
export const mergedWords = (fetched: readonly TranscriptSegment[], words: Words): TranscriptSegment[] =>
  [...new Map([...fetched.map((segment) => [segment.index, segment] as const), ...words]).values()].sort(
    (a, b) => a.index - b.index,
  );

/** Of a live call, from its beginning. */
export const useSpoken = (callId: string): readonly TranscriptSegment[] => {
  const words = useSpokenNow(callId);
  const { data } = useQuery({
    queryKey: ['spoken', callId],
    queryFn: ({ signal }) => request<Transcript>(`/api/v1/calls/${callId}/transcript`, { signal }),
    gcTime: 0,
  });
  return useMemo(() => mergedWords(data?.segments ?? [], words), [data, words]);
};
