/** Ends the leg of a call that cannot be gone on with, from as little as is left of it. */
import type { Log } from '#domain/log.ts';
import type { ClaimedCall } from '#domain/ownership.ts';
import type { IncomingInvite, RestorableSignalling } from '#domain/signalling.ts';

type LetGoDeps = { signalling: Pick<RestorableSignalling, 'restore'>; log: Pick<Log, 'warn'> };

/** BYE where there is a dialog, else a refusal or CANCEL; nothing when not even the names of the leg are left. */
export const createLetGo =
  ({ signalling, log }: LetGoDeps) =>
  ({ callId, context, epoch }: Pick<ClaimedCall, 'callId' | 'context' | 'epoch'>): void => {
    const invite = inviteOf(context);
    if (!invite) return;
    const leg = signalling.restore({ invite, dialog: null, epoch }, () => {});
    leg
      .hangUp({ reason: 'fault' })
      .catch((error: unknown) => log.warn({ callId, error: String(error) }, 'A lost call was not hung up.'))
      .finally(() => leg[Symbol.dispose]());
  };

const inviteOf = (context: unknown): IncomingInvite | null => {
  if (typeof context !== 'object' || context === null) return null;
  const left: Record<string, unknown> = { ...context };
  const { sipCallId, localTag, remoteTag } = left;
  if (typeof sipCallId !== 'string' || typeof localTag !== 'string') return null;
  return {
    sipCallId,
    localTag,
    // Without a tag of the peer the INVITE counts as ours.
    remoteTag: left['direction'] === 'outbound' ? '' : textOf(remoteTag),
    transactionId: textOf(left['transactionId']),
    callerNumber: null,
    calledNumber: null,
    source: { host: '', port: 0, protocol: 'udp' },
    remoteSdp: null,
  };
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
