// One look of the doctor from this window: with its settings, credentials and agent, on a connection of its own. It shows nothing.
import { dirname } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { systemClock } from '../../shared/clock.ts';
import type { AgentPublicKey } from '../../shared/contract/auth-messages.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { version } from '../../shared/version.ts';
import type { Bus } from '../bus.ts';
import { busErrorAdvice } from '../connection/window-advice.ts';
import type { Ask } from '../doctor/agent-look.ts';
import type { ExpectedKey } from '../doctor/check-key.ts';
import { loadedPart } from '../loaded-part.ts';
import { isLocalAgentKey } from '../local/local-agent-key.ts';
import { openBus, type Connection } from './connection.ts';
import { knownAgentKeys } from './key-approval.ts';

export interface ExaminedWindow {
  context: Pick<ExtensionContext, 'globalState'>;
  connection: Connection;
  /** Path of the mcp.json of the local agent that this window uses; undefined for another agent. */
  localFile: () => string | undefined;
}

export interface Examination {
  ask: Ask;
  signal: AbortSignal;
  onStep: (what: string) => void;
}

/** Rejects with the signal's reason. */
export async function examineFromWindow(
  { context, connection, localFile }: ExaminedWindow,
  { ask, signal, onStep }: Examination,
): Promise<Finding[]> {
  const { runDoctor } = await loadedPart(import('../doctor/run-doctor.ts'));
  const { session } = connection;
  const settings = connection.settings();
  const local = localFile();
  const { target } = session;
  const wrong = settings.connectionProblem;
  const problems = [
    ...(local === undefined && wrong !== undefined ? [wrong] : []),
    ...(target === undefined && wrong === undefined
      ? ['No bus is set in rockbot.nats.url, and no local agent runs.']
      : []),
  ];
  const { url: busUrl, agentName } = target ?? { url: '', agentName: settings.agentName };
  const place = { busUrl, agentName, pinned: settings.agentPublicKey, folder: local && dirname(local) };
  let bus: Bus | undefined;
  try {
    return await runDoctor({
      busUrl,
      agent: agentName,
      version,
      settings: {
        problems,
        warnings: settings.problems.filter((problem) => problem !== wrong),
        summary: `${local === undefined ? '' : 'local '}agent "${agentName}" on ${busUrl}`,
      },
      credentials: async () => {
        const own = await connection.credentials();
        const from = local === undefined ? "VS Code's secret storage" : 'the local agent';
        return own && { publicKey: own.publicKey, from };
      },
      // Of its own: what it tries out is no news of the window's connection.
      openBus: async () => (bus = await openBus({ url: busUrl, agentName }, await connection.credentials(), signal)),
      expectedKey: (key) => expectedKey(context, place, key),
      ask,
      advice: busErrorAdvice,
      clock: systemClock,
      signal,
      onStep,
    });
  } finally {
    await bus?.close();
  }
}

/** As a sign-in of this window would judge it. */
async function expectedKey(
  { globalState }: ExaminedWindow['context'],
  place: { busUrl: string; agentName: string; pinned: string | undefined; folder: string | undefined },
  shown: AgentPublicKey,
): Promise<ExpectedKey | undefined> {
  if (place.folder !== undefined) {
    const isItsKey = await isLocalAgentKey(place.folder, shown);
    if (isItsKey !== undefined) return { by: 'file', key: isItsKey ? shown.kid : 'the one in its folder' };
  }
  if (place.pinned !== undefined) return { by: 'pin', key: place.pinned };
  const known = knownAgentKeys(globalState)[`${place.busUrl} ${place.agentName}`];
  return known === undefined ? undefined : { by: 'memory', key: known };
}
