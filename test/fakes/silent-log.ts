import type { Log } from '#domain/log.ts';

const ignore = () => {};

export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

export type LogLine = { level: keyof Log; fields: Record<string, unknown>; message: string };

/** Keeps what was said, for tests about what the operator sees. */
export const createRecordingLog = (): { log: Log; lines: LogLine[] } => {
  const lines: LogLine[] = [];
  const at = (level: keyof Log) => (fields: Record<string, unknown>, message: string) =>
    void lines.push({ level, fields, message });
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
};
