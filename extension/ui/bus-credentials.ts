// Bus credentials in SecretStorage: set by a person, read for each connection; they stand in no setting.
import { EventEmitter, type Disposable, type SecretStorage } from 'vscode';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import { busCredentialsSecret } from '../contributions.ts';
import { loadedPart } from '../loaded-part.ts';
import { showInfo } from './messages.ts';
import { onDemand } from './on-demand.ts';
import { tellNotLoaded } from './tell-not-loaded.ts';

export interface BusCredentialsStore extends Disposable {
  /**
   * Undefined when none are set.
   * @throws RockBotError `invalid_request` when what is stored is broken
   */
  read(): Promise<BusCredentials | undefined>;
  /** Also when another window changed them. */
  onDidChange(listener: () => void): Disposable;
  /** The command "Set Bus Credentials". */
  ask(): Promise<void>;
}

export function createBusCredentials({ secrets }: { secrets: SecretStorage }): BusCredentialsStore {
  const changed = new EventEmitter<void>();
  const listening = secrets.onDidChange(({ key }) => {
    if (key === busCredentialsSecret) changed.fire();
  });

  const questions = onDemand(() => loadedPart(import('./ask-bus-credentials.ts')), tellNotLoaded);

  return {
    async read() {
      const stored = await secrets.get(busCredentialsSecret);
      if (stored === undefined) return undefined;
      const { parseStoredCredentials } = await loadedPart(import('../bus/stored-credentials.ts'));
      return parseStoredCredentials(stored);
    },
    onDidChange: (listener) => changed.event(() => listener()),
    ask: () =>
      questions.use(async ({ askBusCredentials }) => {
        const given = await askBusCredentials((await secrets.get(busCredentialsSecret)) !== undefined);
        if (given === undefined) return;
        if (given === 'none') {
          await secrets.delete(busCredentialsSecret);
          void showInfo('The bus credentials were removed. RockBot now connects without any.');
          return;
        }
        await secrets.store(busCredentialsSecret, given.text);
        void showInfo(
          `The bus credentials are stored in VS Code's secret storage (public key ${given.publicKey.slice(0, 8)}…).`,
        );
      }),
    dispose() {
      listening.dispose();
      questions.dispose();
      changed.dispose();
    },
  };
}
