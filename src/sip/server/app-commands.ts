import type { AppConnection } from './control/app-connection.ts';
import type { AppCommand } from './control/command.ts';
import { nokFrame, okFrame } from './control/frames.ts';
import { parseAppMessage } from './message/app-message.ts';
import type { SipContext } from './sip-context.ts';
import { answerRequest } from './uas/answer.ts';
import type { PlacedRequests } from './uac/placed-requests.ts';
import { sendRequest } from './uac/send-request.ts';
import type { PendingRequests } from './uas/pending-requests.ts';

type Execute = (connection: AppConnection, command: AppCommand) => boolean;

/** Executes what applications ask for; false when the command is unknown. Proxying belongs here later. */
export function createAppCommands(context: SipContext, pending: PendingRequests, placed: PlacedRequests): Execute {
  const sip = (connection: AppConnection, command: AppCommand): void => {
    const message = parseAppMessage(command.text);
    const fail = (reason: string): void => connection.send(nokFrame(command.messageId, reason));
    if (!message) return fail('unable to parse message');
    const { headers, message: given } = message;
    if (given.kind === 'response') return answerRequest(context, pending, { connection, command, message });
    sendRequest(context, placed, { connection, command, message: { headers, message: given } });
  };

  const commands: Record<string, (connection: AppConnection, command: AppCommand) => void> = {
    sip,
    ping: (connection, { messageId }) => connection.send(okFrame(messageId, 'pong')),
    route: (connection, { messageId, fields }) => {
      context.routes.add((fields[0] ?? '').toLowerCase(), connection);
      connection.send(okFrame(messageId));
    },
    remove_route: (connection, { messageId, fields }) => {
      context.routes.remove((fields[0] ?? '').toLowerCase(), connection);
      connection.send(okFrame(messageId));
    },
  };

  const { claim } = context.owners();
  if (claim) commands['claim'] = claim;

  return (connection, command) => {
    context.owners().heard(connection);
    if (!Object.hasOwn(commands, command.name)) return false;
    commands[command.name]?.(connection, command);
    return true;
  };
}
