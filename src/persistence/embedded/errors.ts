/** `ENOENT` and the like, or the message where there is none. */
export const systemCodeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
};

/** Why the embedded Postgres cannot run; `message` is one sentence for the operator. */
export class EmbeddedPostgresError extends Error {
  readonly code: 'binariesMissing' | 'dataFolder' | 'otherVersion' | 'portInUse' | 'identity' | 'startFailed';

  constructor(code: EmbeddedPostgresError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}
