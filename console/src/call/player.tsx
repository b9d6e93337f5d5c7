/** The recording: both sides as waveforms in lanes, playback, and the place in it shared with the transcript. */
import { useQuery } from '@tanstack/react-query';
import { useState, type KeyboardEvent, type PointerEvent, type ReactElement, type RefObject } from 'react';
import { requestBytes } from '../api/client.ts';
import type { AudioFile, AudioFiles } from '../api/types.ts';
import { duration } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { peaksOf } from './wave.ts';

const COLUMNS = 900;
const LANE_HEIGHT = 56;
/** Above this the picture would cost more than it shows. */
const LARGEST_MB = 40;
const SEEK_SECONDS = 5;

const urlOf = ({ path }: AudioFile): string => `/static/${path}`;

const usePeaks = (file: AudioFile | undefined) =>
  useQuery({
    queryKey: ['peaks', file?.filename],
    queryFn: async ({ signal }) => (file ? peaksOf(await requestBytes(urlOf(file), signal), COLUMNS) : null),
    enabled: file !== undefined && file.size_mb <= LARGEST_MB,
    staleTime: Number.POSITIVE_INFINITY,
  });

const outline = (peaks: Float32Array): string => {
  const middle = LANE_HEIGHT / 2;
  const top = [...peaks].map((peak, column) => `${column},${(middle - peak * (middle - 2)).toFixed(1)}`);
  const bottom = [...peaks].map((peak, column) => `${column},${(middle + peak * (middle - 2)).toFixed(1)}`).reverse();
  return [...top, ...bottom].join(' ');
};

const Lane = ({ file, side }: { file: AudioFile | undefined; side: 'caller' | 'agent' }): ReactElement => {
  const { data, isPending } = usePeaks(file);
  return (
    <div className={`lane ${side}`}>
      <span>{side === 'caller' ? 'Caller' : 'Agent'}</span>
      <svg viewBox={`0 0 ${COLUMNS} ${LANE_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {data && <polygon points={outline(data.peaks)} />}
      </svg>
      {!data && <small>{isPending && file ? 'Reading…' : 'No picture'}</small>}
    </div>
  );
};

export type PlayerProps = {
  files: AudioFiles;
  audio: RefObject<HTMLAudioElement | null>;
  at: number;
  onTime: (seconds: number) => void;
};

export const Player = ({ files, audio, at, onTime }: PlayerProps): ReactElement => {
  const [length, setLength] = useState(0);
  const [problem, setProblem] = useState(false);
  const source = files.mixed ?? files.incoming ?? files.outgoing;
  const seek = (seconds: number) => {
    if (audio.current) audio.current.currentTime = Math.max(0, Math.min(length, seconds));
  };
  const onPointer = ({ currentTarget, clientX }: PointerEvent<HTMLDivElement>) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    seek(((clientX - left) / width) * length);
  };
  const onKey = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key === 'ArrowLeft') seek(at - SEEK_SECONDS);
    else if (event.key === 'ArrowRight') seek(at + SEEK_SECONDS);
    else return;
    event.preventDefault();
  };
  if (!source) return <Notice kind="empty">There is no audio.</Notice>;
  return (
    <section aria-label="Recording" className="player">
      <div
        className="lanes"
        role="slider"
        tabIndex={0}
        aria-label="Place in the recording"
        aria-valuemin={0}
        aria-valuemax={Math.round(length)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={`${duration(at)} of ${duration(length)}`}
        onPointerDown={onPointer}
        onKeyDown={onKey}
      >
        <Lane file={files.incoming} side="caller" />
        <Lane file={files.outgoing} side="agent" />
        {length > 0 && <i className="cursor" style={{ left: `${(at / length) * 100}%` }} />}
      </div>
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- the transcript beside it is the caption */}
      <audio
        ref={audio}
        controls
        preload="metadata"
        src={urlOf(source)}
        onLoadedMetadata={({ currentTarget }) => setLength(currentTarget.duration)}
        onTimeUpdate={({ currentTarget }) => onTime(currentTarget.currentTime)}
        onError={() => setProblem(true)}
      />
      {problem && (
        <Notice kind="error">The recording cannot be played. Its link may be too old: load the page again.</Notice>
      )}
      <p>
        Download:{' '}
        {Object.entries(files).map(([side, file]) => (
          <span key={side}>
            <a href={urlOf(file)} download={file.filename}>
              {side}
            </a>{' '}
            <small className="inline">{file.size_mb} MB</small>{' '}
          </span>
        ))}
      </p>
    </section>
  );
};
