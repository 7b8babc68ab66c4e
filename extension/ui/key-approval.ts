// Asks once whether an agent's key is to be trusted and remembers the answer; a key that changed stops the sign-in, and so does
// another sign-in service than before.
import { env, type Memento } from 'vscode';
import * as z from 'zod';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { decideAgentKey } from '../consent/decide-agent-key.ts';
import { decideSignInService, signInServiceChanged, signInServiceOf } from '../consent/sign-in-service.ts';
import { UntrustedAgentKey } from '../consent/untrusted-agent-key.ts';
import { isLocalAgentKey } from '../local/local-agent-key.ts';
import { cleanLine } from '../results/clean-text.ts';
import { showBriefly, showWarning } from './messages.ts';

export interface KeyApproval {
  /**
   * Remembers a key from the person's word on; `onAsked` is called before the person is asked.
   * @throws UntrustedAgentKey for a key that is not the one that was expected, or that the person does not trust (`isFirst`)
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
const servicesKey = 'rockbot.knownSignInServices';
const knownSchema = z.record(z.string(), z.string()).catch({});

/** Fingerprints that were trusted in this window's profile, by bus and name. */
export function knownAgentKeys(memory: Memento): Record<string, string> {
  return knownSchema.parse(memory.get(memoryKey) ?? {});
}

export function createKeyApproval({ memory, agent }: KeyApprovalOptions): KeyApproval {
  const known = (): Record<string, string> => knownAgentKeys(memory);
  const services = (): Record<string, string> => knownSchema.parse(memory.get(servicesKey) ?? {});

  async function approveService(
    { address, name, service }: { address: string; name: string; service: string },
    { isKnownAgent, onAsked }: { isKnownAgent: boolean; onAsked: () => void },
  ): Promise<void> {
    const before = services()[address];
    if (decideSignInService({ known: before, offered: service, isKnownAgent }).kind === 'changed') {
      onAsked();
      await askAboutService(name, service, before);
    }
    if (before !== service) await memory.update(servicesKey, { ...services(), [address]: service });
  }

  return {
    async approve(fingerprint, profile, onAsked) {
      const { publicKey } = profile;
      const { busUrl, name, pinned, localFolder } = agent();
      if (localFolder !== undefined) {
        const isItsKey = await isLocalAgentKey(localFolder, publicKey);
        if (isItsKey === true) return;
        if (isItsKey === false) throw notLocal(name, fingerprint);
      }
      const address = `${busUrl} ${name}`;
      const service = signInServiceOf(profile.authority);
      if (pinned !== undefined) {
        if (![fingerprint, publicKey.kid].includes(pinned)) throw notPinned(name, fingerprint, pinned);
        await approveService({ address, name, service }, { isKnownAgent: false, onAsked });
        return;
      }
      const before = known()[address];
      const decision = decideAgentKey({ known: before, offered: fingerprint }).kind;
      if (decision !== 'known') onAsked();
      if (decision === 'first') await askAboutFirst(name, fingerprint, profile);
      if (decision === 'changed') await askAboutChanged(name, fingerprint, before ?? '');
      await approveService({ address, name, service }, { isKnownAgent: decision !== 'first', onAsked });
      if (decision !== 'known') await memory.update(memoryKey, { ...known(), [address]: fingerprint });
    },
  };
}

/** Enter stops: pressed once too often in the palette, it must not be a word about a key. */
async function askAboutFirst(name: string, fingerprint: string, { state, authority }: AuthProfile): Promise<void> {
  const trust = 'Trust and Continue';
  const connected =
    state.status === 'connected' && state.account !== undefined
      ? `\n\nIt is connected as ${cleanLine(state.account.username)} already; a new sign-in replaces that.`
      : '';
  const service = signInServiceOf(authority);
  const isMicrosoft =
    decideSignInService({ known: undefined, offered: service, isKnownAgent: false }).kind === 'expected';
  const elsewhere = isMicrosoft ? '' : `\n\nYou will sign in at ${cleanLine(service)}, which is not of Microsoft.`;
  const chosen = await showWarning(
    `First sign-in for the agent "${name}". Is this its key?`,
    {
      modal: true,
      detail: `${fingerprint}\n\nYour sign-in is sealed so that only the holder of this key can open it. The operator of the agent can tell you its fingerprint; it is remembered from now on.${elsewhere}${connected}`,
    },
    'Stop',
    trust,
  );
  if (chosen !== trust)
    throw new UntrustedAgentKey({
      agent: name,
      expected: undefined,
      offered: fingerprint,
      message: `The key of the agent "${name}" was not trusted; nothing was sent.`,
      action: 'Ask its operator for its fingerprint.',
    });
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

/** Enter stops, as with another key: its holder is not the one who says where to sign in. */
async function askAboutService(name: string, service: string, before: string | undefined): Promise<void> {
  const trust = 'Sign In There';
  const refusal = signInServiceChanged({
    agent: name,
    known: before,
    offered: service,
    action: 'Ask its operator whether people sign in there.',
  });
  const chosen = await showWarning(
    `The agent "${name}" wants you to sign in somewhere else.`,
    {
      modal: true,
      detail: `Before: ${cleanLine(before ?? 'not known')}\nNow: ${cleanLine(service)}, which is not of Microsoft\n\nUnless its operator moved the sign-in, something else answers in its place and would get your sign-in. Go on only when the operator has told you this address.`,
    },
    'Stop',
    trust,
  );
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
