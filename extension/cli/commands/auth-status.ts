// rockbot auth status
import type { CliContext } from '../cli-context.ts';
import { requestTimeoutMs } from '../cli-context.ts';
import { authLines } from './auth-text.ts';

export async function authStatus({ bus, output, settings, signal }: CliContext): Promise<void> {
  const connection = await bus();
  using _ = output.wait(`Asking the agent ${settings.agent}`);
  const state = await connection.request(
    'authState',
    {},
    { signal, timeoutMs: settings.timeoutMs ?? requestTimeoutMs },
  );
  output.json({ ok: true, ...state });
  output.lines(authLines(state, output.view));
}
