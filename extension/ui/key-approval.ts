// Asks once whether an agent's key is to be trusted and remembers the answer; a key that changed stops the sign-in.
import { env, type Memento } from 'vscode';
import * as z from 'zod';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { decideAgentKey } from '../consent/decide-agent-key.ts';
import { UntrustedAgentKey } from '../consent/untrusted-agent-key.ts';
import { isLocalAgentKey } from '../local/local-agent-key.ts';
import { cleanLine } from '../results/clean-text.ts';
import { showBriefly, showWarning } from './messages.ts';

export interface KeyApproval {
  /**
   * Remembers a key from the person's word on; `onAsked` is called before the person is asked.
   * @throws RockBotError `cancelled`, or UntrustedAgentKey for a key that is not the one that was expected
   */
  approve(fingerprint: string, profile: AuthProfile, onAsked: () => void): Promise<void>;
}

export interface KeyApprovalOptions {
  memory: Memento;
  agent: () => {
    busUrl: string;
    name: string;
    pinned: string | undefined;
    /** Folder of the agent, where VS Code itself started it on this machine. */
    localFolder: string | undefined;
  };
}

const memoryKey = 'rockbot.knownAgents';
const knownSchema = z.record(z.string(), z.string()).catch({});

/** Fingerprints that were trusted in this window's profile, by bus and name. */
export function knownAgentKeys(memory: Memento): Record<string, string> {
  return knownSchema.parse(memory.get(memoryKey) ?? {});
}

export function createKeyApproval({ memory, agent }: KeyApprovalOptions): KeyApproval {
  const known = (): Record<string, string> => knownAgentKeys(memory);

  return {
    async approve(fingerprint, profile, onAsked) {
      const { publicKey } = profile;
      const { busUrl, name, pinned, localFolder } = agent();
      if (localFolder !== undefined) {
        const isItsKey = await isLocalAgentKey(localFolder, publicKey);
        if (isItsKey === true) return;
        if (isItsKey === false) throw notLocal(name, fingerprint);
      }
      if (pinned !== undefined) {
        if (![fingerprint, publicKey.kid].includes(pinned)) throw notPinned(name, fingerprint, pinned);
        return;
      }
      const address = `${busUrl} ${name}`;
      const before = known()[address];
      const decision = decideAgentKey({ known: before, offered: fingerprint }).kind;
      if (decision === 'known') return;
      onAsked();
      if (decision === 'first') await askAboutFirst(name, fingerprint, profile);
      else await askAboutChanged(name, fingerprint, before ?? '');
      await memory.update(memoryKey, { ...known(), [address]: fingerprint });
    },
  };
}

async function askAboutFirst(name: string, fingerprint: string, { state }: AuthProfile): Promise<void> {
  const trust = 'Trust and Continue';
  const connected =
    state.status === 'connected' && state.account !== undefined
      ? `\n\nIt is connected as ${cleanLine(state.account.username)} already; a new sign-in replaces that.`
      : '';
  const chosen = await showWarning(
    `First sign-in for the agent "${name}". Is this its key?`,
    {
      modal: true,
      detail: `${fingerprint}\n\nYour sign-in is sealed so that only the holder of this key can open it. The operator of the agent can tell you its fingerprint; it is remembered from now on.${connected}`,
    },
    trust,
  );
  if (chosen !== trust)
    throw new RockBotError({ code: 'cancelled', message: 'The sign-in was cancelled; nothing was sent.' });
}

/** Enter stops: whoever is used to dialogs must not give a sign-in away with it. */
async function askAboutChanged(name: string, fingerprint: string, before: string): Promise<void> {
  const stop = 'Stop and Ask the Operator';
  const trust = 'Trust the New Key';
  const refusal = new UntrustedAgentKey({
    agent: name,
    expected: before,
    offered: fingerprint,
    message: `The agent "${name}" shows another key than before; nothing was sent.`,
    action: 'Ask its operator whether the key was renewed.',
  });
  const chosen = await showWarning(
    `The agent "${name}" shows another key than before.`,
    {
      modal: true,
      detail: `Before: ${before}\nNow: ${fingerprint}\n\nUnless its operator renewed the key, something else answers in its place and would get your sign-in. Trust the new key only when the operator has told you this fingerprint.`,
    },
    stop,
    trust,
  );
  if (chosen === stop) {
    await env.clipboard.writeText(refusal.question);
    showBriefly('Copied a question for the operator of the agent', 'check');
  }
  if (chosen !== trust) throw refusal;
}

function notPinned(agent: string, offered: string, pinned: string): RockBotError {
  const expected = cleanLine(pinned);
  return new UntrustedAgentKey({
    agent,
    expected,
    offered,
    message: `The agent "${agent}" shows the key ${offered}, but rockbot.agent.publicKey pins ${expected}; nothing was sent.`,
    action: 'Ask its operator whether the key was renewed, and change the setting only then.',
  });
}

/** Its folder is closed to other users of the machine; whatever answers in its place is none of its own. */
function notLocal(agent: string, offered: string): RockBotError {
  return new RockBotError({
    code: 'handoff_refused',
    reason: 'unreadable',
    message: `The local agent "${agent}" shows the key ${offered}, which is not the one in its folder; nothing was sent.`,
    action: 'Stop the local agent and start it again.',
  });
}
