// Bus credentials in SecretStorage: asking a person for them, reading them; they stand in no setting.
import { EventEmitter, window, workspace, type Disposable, type QuickPickItem, type SecretStorage } from 'vscode';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { fileCredentials, nkeyCredentials, type BusCredentials } from '../bus/bus-credentials.ts';
import { parseStoredCredentials, seedProblem, storedCredentials } from '../bus/stored-credentials.ts';
import { busCredentialsSecret } from '../contributions.ts';
import { showError, showInfo } from './messages.ts';

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

type Kind = 'nkey' | 'creds' | 'none';

/** Bytes; a credentials file has about one kilobyte. */
const largestFile = 64 * 1024;

export function createBusCredentials({ secrets }: { secrets: SecretStorage }): BusCredentialsStore {
  const changed = new EventEmitter<void>();
  const listening = secrets.onDidChange(({ key }) => {
    if (key === busCredentialsSecret) changed.fire();
  });

  async function store(credentials: BusCredentials): Promise<void> {
    await secrets.store(busCredentialsSecret, storedCredentials(credentials));
    void showInfo(
      `The bus credentials are stored in VS Code's secret storage (public key ${credentials.publicKey.slice(0, 8)}…).`,
    );
  }

  return {
    async read() {
      const stored = await secrets.get(busCredentialsSecret);
      return stored === undefined ? undefined : parseStoredCredentials(stored);
    },
    onDidChange: (listener) => changed.event(() => listener()),
    async ask() {
      const kind = await askKind((await secrets.get(busCredentialsSecret)) !== undefined);
      if (kind === 'none') {
        await secrets.delete(busCredentialsSecret);
        void showInfo('The bus credentials were removed. RockBot now connects without any.');
        return;
      }
      const credentials = kind === 'nkey' ? await askSeed() : kind === 'creds' ? await askFile() : undefined;
      if (credentials !== undefined) await store(credentials);
    },
    dispose() {
      listening.dispose();
      changed.dispose();
    },
  };
}

async function askKind(areSet: boolean): Promise<Kind | undefined> {
  const kinds: (QuickPickItem & { credentials: Kind })[] = [
    {
      credentials: 'nkey',
      label: '$(key) Nkey seed',
      detail: 'One word that begins with "SU", from whoever runs the bus.',
    },
    {
      credentials: 'creds',
      label: '$(file) Credentials file',
      detail: 'A .creds file, as "nsc generate creds" makes it.',
    },
    {
      credentials: 'none',
      label: '$(circle-slash) None',
      detail: areSet ? 'Removes the stored credentials.' : 'For a bus on this machine that takes everybody.',
    },
  ];
  const picked = await window.showQuickPick(kinds, {
    title: 'Bus Credentials',
    placeHolder: areSet ? 'Credentials are set. What takes their place?' : 'What proves to the bus who you are?',
    ignoreFocusOut: true,
  });
  return picked?.credentials;
}

async function askSeed(): Promise<BusCredentials | undefined> {
  const typed = await window.showInputBox({
    title: 'Bus Credentials: Nkey Seed',
    prompt: 'It is kept in the secret storage of VS Code and shown nowhere.',
    placeHolder: 'SU…',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => seedProblem(text),
  });
  return typed === undefined ? undefined : nkeyCredentials(typed);
}

async function askFile(): Promise<BusCredentials | undefined> {
  const [file] =
    (await window.showOpenDialog({
      title: 'Bus Credentials: Credentials File',
      openLabel: 'Use These Credentials',
      filters: { 'NATS credentials': ['creds'], 'All files': ['*'] },
    })) ?? [];
  if (file === undefined) return undefined;
  try {
    const { size } = await workspace.fs.stat(file);
    if (size > largestFile) throw new RockBotError({ code: 'invalid_request', message: 'The file is too large.' });
    return fileCredentials(new TextDecoder().decode(await workspace.fs.readFile(file)));
  } catch (error) {
    const words = error instanceof RockBotError ? error.message : 'The file cannot be read.';
    const again = 'Choose Another File';
    return (await showError(`${words} Choose a file as "nsc generate creds" makes it.`, again)) === again
      ? askFile()
      : undefined;
  }
}
