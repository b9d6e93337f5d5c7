/** Why the embedded Postgres cannot run; `message` is one sentence for the operator. */
export class EmbeddedPostgresError extends Error {
  readonly code: 'binariesMissing' | 'dataFolder' | 'otherVersion' | 'portInUse' | 'identity' | 'startFailed';

  constructor(code: EmbeddedPostgresError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
    this.code = code;
  }
}
