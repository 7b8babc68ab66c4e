// Looks the agent over, one concern after the other, for whoever asks: one look at a time, which those share who ask meanwhile.
import type { Clock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { withoutSecrets } from '../../shared/doctor/without-secrets.ts';
import { SingleFlight } from '../../shared/single-flight.ts';
import type { AccountSession } from '../auth/account-session.ts';
import { scopeKey } from '../auth/scope-key.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import type { LazyDispatcher } from '../dispatcher.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkEntra } from './check-entra.ts';
import { checkMcpJson, checkPatrolsJson, type PatrolsFile } from './check-files.ts';
import { checkSecretFiles } from './check-secret-files.ts';
import { checkServers } from './check-servers.ts';
import { checkRefresh, checkSignIn } from './check-sign-in.ts';
import { checkVolume } from './check-volume.ts';
import type { HarmlessRead } from './harmless-reads.ts';

export interface AgentDoctorOptions {
  config: Pick<AgentConfig, 'dataDir' | 'workiq' | 'profiles' | 'warnings'>;
  env: NodeJS.ProcessEnv;
  session: Pick<AccountSession, 'state' | 'refresh'>;
  /** The connections to Entra. */
  entra: Pick<LazyDispatcher, 'get'>;
  bridge: Pick<Bridge, 'list' | 'refresh' | 'problems'>;
  patrols: () => Promise<PatrolsFile>;
  /** Why another agent of this name is on the bus, in plain words. */
  otherAgent: () => string | undefined;
  clock: Pick<Clock, 'now'>;
  /** Ends a look under way, with its reason. */
  stopping: AbortSignal;
}

export interface Look {
  refresh: boolean;
  /** Undefined: no call is made. */
  probe: ((call: HarmlessRead & { server: string }) => Promise<unknown>) | undefined;
}

export class AgentDoctor {
  readonly #options: AgentDoctorOptions;
  readonly #looks = new SingleFlight<Finding[]>();

  constructor(options: AgentDoctorOptions) {
    this.#options = options;
  }

  /** Rejects with the reason of `stopping` alone. */
  look(look: Look): Promise<Finding[]> {
    return this.#looks.run(`${look.refresh} ${look.probe !== undefined}`, () => this.#look(look));
  }

  async #look({ refresh, probe }: Look): Promise<Finding[]> {
    const { config, env, session, entra, bridge, clock, stopping: signal } = this.#options;
    const { workiq, profiles, dataDir } = config;
    const [{ scopes }] = profiles;
    const [volume, secrets, patrols, ofEntra] = await Promise.all([
      checkVolume({ dataDir }),
      checkSecretFiles({ dataDir, cacheFile: workiq.cacheFile }),
      checkPatrolsJson(this.#options.patrols),
      checkEntra({ ...workiq, dispatcher: () => entra.get(), env, clock, signal }),
    ]);
    const refreshed = await checkRefresh({
      isWanted: refresh,
      isConnected: isConnected(session),
      refresh: () => session.refresh(scopes, scopeKey(scopes), { signal }),
    });
    // The refresh may have ended the sign-in, which decides what servers can be asked.
    const servers = await checkServers({ bridge, auth: session.state().status, probe, signal });
    return [
      this.#single(),
      ...checkConfiguration(config),
      ...volume,
      secrets,
      ...checkMcpJson(bridge),
      ...patrols,
      ...ofEntra,
      checkSignIn(session.state()),
      refreshed,
      ...servers,
    ].map(withoutSecrets);
  }

  #single(): Finding {
    const other = this.#options.otherAgent();
    if (other === undefined) return finding('agent.single', 'ok', 'It has heard of no other agent with its name.');
    return finding('agent.single', 'failed', other, {
      fault: 'configuration',
      action: 'Stop one of them, or give it a name of its own (Agent__Name).',
    });
  }
}

function isConnected(session: Pick<AccountSession, 'state'>): boolean {
  const { status } = session.state();
  return status === 'connected' || status === 'degraded';
}
