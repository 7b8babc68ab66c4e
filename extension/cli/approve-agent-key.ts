// Asks the person at the keyboard about an agent's key where that is called for; the rule itself is in consent/agent-key.
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { agentKeyChanged } from '../consent/agent-key.ts';
import { decideAgentKey } from '../consent/decide-agent-key.ts';
import type { CliContext } from './cli-context.ts';

/** @throws RockBotError `handoff_refused` when the key is not to be trusted */
export async function approveAgentKey(options: {
  offered: string;
  known: string | undefined;
  trustNewKey: boolean;
  context: CliContext;
}): Promise<void> {
  const { offered, known, trustNewKey, context } = options;
  const { output, settings, signal, stdin } = context;
  const decision = decideAgentKey({ known, offered });
  switch (decision.kind) {
    case 'known':
      return;
    case 'first':
      output.note(output.noteColors.dim(`First hand-off to the agent ${settings.agent}; its key is ${offered}.`));
      return;
    case 'changed':
      break;
  }
  const refusal = agentKeyChanged({ agent: settings.agent, known: known ?? '', offered });
  if (trustNewKey) {
    output.note(output.noteColors.yellow(`Trusting the new key of the agent ${settings.agent}: ${offered}.`));
    return;
  }
  if (output.isJson || !stdin.isTTY) throw refusal;
  output.note(output.noteColors.yellow(refusal.message));
  const terminal = createInterface({ input: stdin, output: process.stderr });
  try {
    // Ctrl-D, or the end of the input, settles no question: it means No.
    const closed = once(terminal, 'close').then(() => '');
    const question = terminal.question('Did its operator renew the key? Trust it? [y/N] ', { signal });
    const answer = await Promise.race([question, closed]);
    if (!/^y(es)?$/i.test(answer.trim())) throw refusal;
  } finally {
    terminal.close();
  }
}
