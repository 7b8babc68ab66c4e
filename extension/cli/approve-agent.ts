// Asks the person at the keyboard about an agent's key, and about where it wants the sign-in, where that is called for; the rules
// themselves are in consent/.
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { agentKeyChanged } from '../consent/agent-key.ts';
import { decideAgentKey } from '../consent/decide-agent-key.ts';
import type { KnownAgent } from '../consent/known-agents.ts';
import { decideSignInService, signInServiceChanged } from '../consent/sign-in-service.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { CliContext } from './cli-context.ts';

interface AgentApproval {
  offered: Required<KnownAgent>;
  known: KnownAgent | undefined;
  trustNewKey: boolean;
  context: CliContext;
}

/** @throws RockBotError `handoff_refused` when the key, or the sign-in service, is not to be trusted */
export async function approveAgent(approval: AgentApproval): Promise<void> {
  await approveKey(approval);
  await approveSignInService(approval);
}

async function approveKey(approval: AgentApproval): Promise<void> {
  const { offered, known, context } = approval;
  const { output, settings } = context;
  const decision = decideAgentKey({ known: known?.fingerprint, offered: offered.fingerprint });
  if (decision.kind === 'first')
    output.note(
      output.noteColors.dim(`First hand-off to the agent ${settings.agent}; its key is ${offered.fingerprint}.`),
    );
  if (decision.kind !== 'changed') return;
  await askWhetherToTrust(approval, {
    refusal: agentKeyChanged({
      agent: settings.agent,
      known: known?.fingerprint ?? '',
      offered: offered.fingerprint,
    }),
    trusting: `Trusting the new key of the agent ${settings.agent}: ${offered.fingerprint}.`,
    question: 'Did its operator renew the key? Trust it? [y/N] ',
  });
}

async function approveSignInService(approval: AgentApproval): Promise<void> {
  const { offered, known, context } = approval;
  const { output, settings } = context;
  const decision = decideSignInService({
    known: known?.signInService,
    offered: offered.signInService,
    isKnownAgent: known !== undefined,
  });
  if (decision.kind === 'first')
    output.note(output.noteColors.yellow(`The sign-in is at ${offered.signInService}, which is not of Microsoft.`));
  if (decision.kind !== 'changed') return;
  await askWhetherToTrust(approval, {
    refusal: signInServiceChanged({
      agent: settings.agent,
      known: known?.signInService,
      offered: offered.signInService,
      action:
        'Ask the operator whether people sign in there. If so, run "rockbot auth workiq --trust-new-key"; if not, something else answers in its place and would get the sign-in.',
    }),
    trusting: `Signing in at ${offered.signInService}, as the agent ${settings.agent} says.`,
    question: 'Did its operator say so? Sign in there? [y/N] ',
  });
}

async function askWhetherToTrust(
  { trustNewKey, context: { output, signal, stdin } }: AgentApproval,
  { refusal, trusting, question }: { refusal: RockBotError; trusting: string; question: string },
): Promise<void> {
  if (trustNewKey) {
    output.note(output.noteColors.yellow(trusting));
    return;
  }
  if (output.isJson || !stdin.isTTY) throw refusal;
  output.note(output.noteColors.yellow(refusal.message));
  const terminal = createInterface({ input: stdin, output: process.stderr });
  try {
    // Ctrl-D, or the end of the input, settles no question: it means No.
    const closed = once(terminal, 'close').then(() => '');
    const answer = await Promise.race([terminal.question(question, { signal }), closed]);
    if (!/^y(es)?$/i.test(answer.trim())) throw refusal;
  } finally {
    terminal.close();
  }
}
