// rockbot auth disconnect
import { cleanLine } from '../../results/clean-text.ts';
import type { CliContext } from '../cli-context.ts';
import { requestTimeoutMs } from '../cli-context.ts';

export async function authDisconnect({ bus, output, settings, signal }: CliContext): Promise<void> {
  const connection = await bus();
  using _ = output.wait(`Asking the agent ${settings.agent} to disconnect`);
  const reply = await connection.request(
    'authDisconnect',
    {},
    { signal, timeoutMs: settings.timeoutMs ?? requestTimeoutMs },
  );
  output.json({ ok: true, ...reply });
  const { colors } = output.view;
  if (!reply.disconnected) {
    output.lines([colors.dim('The agent was not connected; there was nothing to remove.')]);
    return;
  }
  const name = reply.account === undefined ? '' : ` It acted as ${cleanLine(reply.account.username)}.`;
  output.lines([
    `${colors.green('✔')} The agent is disconnected from Microsoft 365.${name}`,
    ...reply.removed.map((item) => `  ${colors.dim('removed')} ${cleanLine(item)}`),
    // Entra has no call by which a public client could revoke its own refresh token.
    colors.dim(
      '  To make the sign-in void at Microsoft as well, use "Sign out everywhere" at https://mysignins.microsoft.com.',
    ),
  ]);
}
