/** One call: what is known of it, its recording, what was said, and how it went on the wire. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type ReactElement, type RefObject } from 'react';
import { Link } from 'wouter';
import { ApiError, request } from '../api/client.ts';
import type { AudioFiles, CallDetail, Session, TimelinePage, Transcript, TranscriptSegment } from '../api/types.ts';
import { mergedWords, useSpokenNow } from '../api/use-spoken.ts';
import { Facts } from '../call/facts.tsx';
import { LadderView } from '../call/ladder-view.tsx';
import { PromptUsed } from '../call/prompt-used.tsx';
import { ladderOf } from '../call/ladder.ts';
import { Player } from '../call/player.tsx';
import { QualityView } from '../call/quality-view.tsx';
import { duration, words } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';

const path = (callId: string): string => encodeURIComponent(callId);

/** What one user may not see, another may: parts that are refused are left out. */
const orNull = async <T,>(asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && [403, 404, 422].includes(error.status)) return null;
    throw error;
  }
};

const LIVE_STATUSES = ['pending', 'dialing', 'ringing', 'in_call'];

const useCall = (callId: string) => {
  const session = useQuery({
    queryKey: ['session', callId],
    queryFn: ({ signal }) => request<Session>(`/api/crm/sessions/${path(callId)}`, { signal }),
    refetchInterval: ({ state }) => (state.data && LIVE_STATUSES.includes(state.data.status) ? 2_000 : false),
  });
  const isLive = session.data !== undefined && LIVE_STATUSES.includes(session.data.status);
  const refetchInterval = isLive ? 2_000 : (false as const);
  const detail = useQuery({
    queryKey: ['call', callId],
    queryFn: ({ signal }) => orNull(request<CallDetail>(`/api/v1/calls/${path(callId)}`, { signal })),
    enabled: session.data !== undefined,
    refetchInterval,
  });
  const transcript = useQuery({
    queryKey: ['transcript', callId],
    queryFn: ({ signal }) => orNull(request<Transcript>(`/api/v1/calls/${path(callId)}/transcript`, { signal })),
    enabled: session.data !== undefined,
  });
  const timeline = useQuery({
    queryKey: ['timeline-first', callId],
    queryFn: ({ signal }) =>
      orNull(request<TimelinePage>(`/api/v1/calls/${path(callId)}/timeline?limit=1000`, { signal })),
    enabled: session.data !== undefined,
    refetchInterval,
  });
  return { session, detail, transcript, timeline, isLive };
};

type Line = {
  key: string;
  speaker: 'agent' | 'user';
  text: string;
  startMs: number | null;
  endMs: number | null;
  cut: boolean;
};

const linesOf = (session: Session, segments: readonly TranscriptSegment[]): Line[] => {
  if (segments.length > 0) {
    return segments.map(({ index, speaker, text, startMs, endMs, interrupted }) => ({
      ...{ key: String(index), speaker, text, startMs, endMs },
      cut: interrupted,
    }));
  }
  return (session.transcripts?.mixed?.conversation ?? []).map(({ speaker, text }, index) => ({
    ...{ key: String(index), speaker, text, startMs: null, endMs: null },
    cut: false,
  }));
};

const isSpoken = ({ startMs, endMs }: Line, seconds: number): boolean =>
  startMs !== null && endMs !== null && seconds * 1_000 >= startMs && seconds * 1_000 < endMs;

const Conversation = (props: { lines: readonly Line[]; at: number; audio: RefObject<HTMLAudioElement | null> }) => {
  const { lines, at, audio } = props;
  const seek = (startMs: number) => {
    if (!audio.current) return;
    audio.current.currentTime = startMs / 1_000;
    void audio.current.play().catch(() => {});
  };
  return (
    <section aria-labelledby="said">
      <h2 id="said">Transcript</h2>
      {lines.length === 0 && <Notice kind="empty">Nothing was transcribed.</Notice>}
      <ol className="conversation">
        {lines.map((line) => (
          <li key={line.key} className={`${line.speaker}${isSpoken(line, at) ? ' here' : ''}`}>
            <b>{line.speaker === 'agent' ? 'Agent' : 'Caller'}</b>
            <span>
              {line.text}
              {line.cut && <small className="inline"> (cut off)</small>}
            </span>
            {line.startMs !== null && (
              <button type="button" className="quiet" onClick={() => seek(line.startMs ?? 0)}>
                {duration(line.startMs / 1_000)}
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
};

const Jobs = ({ callId, hasAudio, hasText }: { callId: string; hasAudio: boolean; hasText: boolean }): ReactElement => {
  const queries = useQueryClient();
  const [said, setSaid] = useState<{ kind: 'good' | 'error'; text: string } | null>(null);
  const run = (route: string, body?: unknown) => {
    request<{ message: string }>(`/api/transcripts/${path(callId)}/${route}`, { method: 'POST', body })
      .then(({ message }) => setSaid({ kind: 'good', text: message }))
      .then(() => queries.invalidateQueries({ queryKey: ['session', callId] }))
      .catch((error: unknown) =>
        setSaid({ kind: 'error', text: error instanceof Error ? error.message : String(error) }),
      );
  };
  return (
    <p>
      <button type="button" disabled={!hasAudio} onClick={() => run('retranscribe')}>
        Transcribe again
      </button>{' '}
      <button type="button" disabled={!hasText} onClick={() => run('generate_summary', { language: 'English' })}>
        Sum up
      </button>
      {said && <span role={said.kind === 'error' ? 'alert' : 'status'}> {said.text}</span>}
    </p>
  );
};

type Known = ReturnType<typeof useCall> & { known: Session; callId: string };

const CallView = ({ callId, known, detail, transcript, timeline, isLive }: Known): ReactElement => {
  const audio = useRef<HTMLAudioElement>(null);
  const [at, setAt] = useState(0);
  // Live words come with the event stream; what was said before the page was opened, with the transcript.
  const spoken = useSpokenNow(callId, isLive);
  const segments = mergedWords(transcript.data?.segments ?? [], spoken);
  const lines = linesOf(known, segments);
  const steps = ladderOf(timeline.data?.transitions ?? [], detail.data?.direction ?? 'inbound');
  const live = detail.data?.live ?? null;
  return (
    <>
      <div className="heading">
        <h1>Call</h1>
        <span className={`chip status-${known.status}`}>{words(known.status)}</span>
        <small className="inline">{callId}</small>
        {detail.data && <Link href={`/calls/${callId}/chart`}>Statechart</Link>}
      </div>
      <div className="call-page">
        <div>
          {known.audio_files ? (
            <Player files={known.audio_files} audio={audio} at={at} onTime={setAt} />
          ) : (
            <Notice kind="empty">
              {isLive ? 'The recording comes when the call is over.' : 'There is no recording.'}
            </Notice>
          )}
          {known.analysis && (
            <section aria-labelledby="summary">
              <h2 id="summary">Summary</h2>
              <p>
                <span className="chip">{words(known.analysis.status)}</span> {known.analysis.summary}
              </p>
            </section>
          )}
          <Conversation lines={lines} at={at} audio={audio} />
          {detail.data && <PromptUsed callId={callId} />}
          {!isLive && <Jobs callId={callId} hasAudio={known.audio_files !== null} hasText={lines.length > 0} />}
        </div>
        <div>
          <Facts session={known} detail={detail.data ?? null} callId={callId} isLive={isLive} />
          {live?.quality && <QualityView quality={live.quality} />}
          {steps.length > 0 && <LadderView steps={steps} callId={callId} />}
        </div>
      </div>
    </>
  );
};

type Recordings = { recordings: { session_id: string; audio_files: AudioFiles }[] };

/** There is a recording but no row: it can be heard, and taken up again. */
const OnDiskOnly = ({ callId, onAdopt }: { callId: string; onAdopt: () => void }): ReactElement => {
  const audio = useRef<HTMLAudioElement>(null);
  const [at, setAt] = useState(0);
  const { data } = useQuery({
    queryKey: ['recordings', callId],
    queryFn: ({ signal }) => orNull(request<Recordings>('/api/recordings', { signal })),
  });
  const found = data?.recordings.find(({ session_id }) => session_id === callId);
  return (
    <>
      <Notice kind="error" action={{ name: 'Adopt it', run: onAdopt }}>
        This call is not in the database, but its recording is on the disk.
      </Notice>
      {found && <Player files={found.audio_files} audio={audio} at={at} onTime={setAt} />}
    </>
  );
};

const CallPage = ({ callId }: { callId: string }): ReactElement => {
  const call = useCall(callId);
  const { session } = call;
  if (session.data) return <CallView {...call} known={session.data} callId={callId} />;
  if (session.isPending) return <Notice kind="busy">Loading…</Notice>;
  const { error } = session;
  if (error instanceof ApiError && error.code === 'session_not_registered') {
    return <OnDiskOnly callId={callId} onAdopt={() => void session.refetch()} />;
  }
  if (error instanceof ApiError && error.status === 404) {
    return <Notice kind="empty">No call has this id, and there is no recording of it either.</Notice>;
  }
  if (error instanceof ApiError && error.status === 403) {
    return <Notice kind="empty">This call belongs to somebody else.</Notice>;
  }
  return (
    <Notice kind="error" action={{ name: 'Try again', run: () => void session.refetch() }}>
      {error?.message ?? 'The call could not be loaded.'}
    </Notice>
  );
};

export default CallPage;
