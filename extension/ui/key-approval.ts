// Asks once whether an agent's key is to be trusted and remembers the answer; a key that changed stops the sign-in.
import { type Memento } from 'vscode';
import * as z from 'zod';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { decideAgentKey } from '../consent/decide-agent-key.ts';
import { cleanLine } from '../results/clean-text.ts';
import { showWarning } from './messages.ts';

export interface KeyApproval {
  /**
   * Remembers a key from the person's word on.
   * @throws RockBotError `cancelled`, or `handoff_refused` for a key that is not the pinned one
   */
  approve(fingerprint: string, profile: AuthProfile): Promise<void>;
}

export interface KeyApprovalOptions {
  memory: Memento;
  agent: () => { busUrl: string; name: string; pinned: string | undefined };
}

const memoryKey = 'rockbot.knownAgents';
const knownSchema = z.record(z.string(), z.string()).catch({});

export function createKeyApproval({ memory, agent }: KeyApprovalOptions): KeyApproval {
  const known = (): Record<string, string> => knownSchema.parse(memory.get(memoryKey) ?? {});

  return {
    async approve(fingerprint, { publicKey, state }) {
      const { busUrl, name, pinned } = agent();
      const address = `${busUrl} ${name}`;
      if (pinned !== undefined) {
        if (![fingerprint, publicKey.kid].includes(pinned)) throw notPinned(name, fingerprint, pinned);
        return;
      }
      const before = known()[address];
      const decision = decideAgentKey({ known: before, offered: fingerprint }).kind;
      if (decision !== 'known') {
        const isFirst = decision === 'first';
        const trust = isFirst ? 'Trust and Continue' : 'Trust the New Key';
        const connected =
          state.status === 'connected' && state.account !== undefined
            ? `\n\nIt is connected as ${cleanLine(state.account.username)} already; a new sign-in replaces that.`
            : '';
        const chosen = await showWarning(
          isFirst
            ? `First sign-in for the agent "${name}". Is this its key?`
            : `The agent "${name}" shows another key than before.`,
          {
            modal: true,
            detail: isFirst
              ? `${fingerprint}\n\nYour sign-in is sealed so that only the holder of this key can open it. The operator of the agent can tell you its fingerprint; it is remembered from now on.${connected}`
              : `Before: ${before}\nNow: ${fingerprint}\n\nUnless its operator renewed the key, something else answers in its place and would get your sign-in.`,
          },
          trust,
        );
        if (chosen !== trust) throw refused(isFirst, name);
        await memory.update(memoryKey, { ...known(), [address]: fingerprint });
      }
    },
  };
}

function refused(isFirst: boolean, name: string): RockBotError {
  return isFirst
    ? new RockBotError({ code: 'cancelled', message: 'The sign-in was cancelled; nothing was sent.' })
    : new RockBotError({
        code: 'handoff_refused',
        reason: 'unreadable',
        message: `The agent "${name}" shows another key than before; nothing was sent.`,
        action: 'Ask its operator whether the key was renewed.',
      });
}

function notPinned(name: string, fingerprint: string, pinned: string): RockBotError {
  return new RockBotError({
    code: 'handoff_refused',
    reason: 'unreadable',
    message: `The agent "${name}" shows the key ${fingerprint}, but rockbot.agent.publicKey pins ${cleanLine(pinned)}; nothing was sent.`,
    action: 'Ask its operator whether the key was renewed, and change the setting only then.',
  });
}
