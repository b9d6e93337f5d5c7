/** What an adapter may say to the operator; a pino logger fits. Pure type. */

type LogLine = (fields: Record<string, unknown>, message: string) => void;

export type Log = { debug: LogLine; info: LogLine; warn: LogLine; error: LogLine };
