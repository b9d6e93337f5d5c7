/** A part cannot be started; `message` is one sentence for the operator. */
export class LauncherError extends Error {
  readonly code: 'portInUse' | 'dataFolder' | 'partFailed' | 'stopped';

  constructor(code: LauncherError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LauncherError';
    this.code = code;
  }
}
