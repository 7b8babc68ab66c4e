// One read of a resource or a prompt: guards, turn, budget, reading, as a call of a tool has them. It knows no bus.
import type { CallBudget } from './call-budget.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerContent } from './server-content.ts';

export interface ReadRequest<Value> {
  /** Who pays for it out of a budget per caller. */
  caller: string;
  /** The name that guards know it by, for example `resources/read`. */
  tool: string;
  /** What guards judge. */
  guarded: Readonly<Record<string, unknown>>;
  /** For messages, for example `resource "file:///x"`. */
  what: string;
  read: (content: ServerContent, signal: AbortSignal) => Promise<Value>;
}

export interface RunReadOptions {
  server: ServerConnection;
  budget: CallBudget;
  signal: AbortSignal;
}

/** Throws RockBotError, or the signal's reason. */
export function runRead<Value>(
  { caller, tool, guarded, what, read }: ReadRequest<Value>,
  { server, budget, signal }: RunReadOptions,
): Promise<Value> {
  server.guard({ name: tool, sideEffects: 'read' }, guarded);
  const run = (): Promise<Value> => {
    budget.charge(server.name, caller, server.entry.limits ?? {});
    return server.read((content) => read(content, signal), what, signal);
  };
  return server.queue.run(run, signal);
}
