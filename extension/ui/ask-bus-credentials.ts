// Asks a person for the credentials of the bus: which kind, then the seed or the file. It stores nothing.
import { window, workspace, type QuickPickItem } from 'vscode';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { fileCredentials, nkeyCredentials, type BusCredentials } from '../bus/bus-credentials.ts';
import { seedProblem, storedCredentials } from '../bus/stored-credentials.ts';
import { showError } from './messages.ts';

type Kind = 'nkey' | 'creds' | 'none';

/** What the person gave, with the text to store; `none` to remove what is stored; undefined when they turned away. */
export type GivenCredentials = { publicKey: string; text: string } | 'none' | undefined;

/** Bytes; a credentials file has about one kilobyte. */
const largestFile = 64 * 1024;

/** `areSet`: there are some already. */
export async function askBusCredentials(areSet: boolean): Promise<GivenCredentials> {
  const kind = await askKind(areSet);
  if (kind === undefined || kind === 'none') return kind;
  const credentials = await (kind === 'nkey' ? askSeed() : askFile());
  return credentials && { publicKey: credentials.publicKey, text: storedCredentials(credentials) };
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
