// The client of the language server for mcp.json: a bundle of its own, loaded when such a file is opened. It decides nothing of it.
import { setTimeout } from 'node:timers/promises';
import { Uri, window, type Disposable, type ExtensionContext } from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
} from 'vscode-languageclient/node';
import { backoffDelay } from '../../shared/backoff.ts';
import { mcpJsonGuide, mcpJsonLanguage } from '../contributions.ts';
import type { LanguageContext } from '../language/language-context.ts';
import { contextNotification, type ServerOptions } from '../language/server-options.ts';
import type { Logger } from '../logger.ts';

export interface LanguageClientOptions {
  context: Pick<ExtensionContext, 'extensionUri'>;
  log: Logger;
}

export interface McpJsonClient extends Disposable {
  /** Told to the server now, and again whenever it starts anew. */
  tell(context: LanguageContext): void;
}

/** Milliseconds; a server that ends so often within `withinMs` is left alone. */
const restarts = { baseMs: 500, maxMs: 30_000, most: 6, withinMs: 10 * 60_000 };

export function startLanguageClient({ context, log }: LanguageClientOptions): McpJsonClient {
  const initializationOptions: ServerOptions = { guide: mcpJsonGuide };
  // The program that runs the extension host runs the server too, wherever that is.
  const module = Uri.joinPath(context.extensionUri, 'dist', 'language-server.cjs').fsPath;
  let told: LanguageContext = {};
  const closing = new AbortController();
  let ends: number[] = [];

  const client = new LanguageClient(
    'rockbot.mcpJson',
    'RockBot mcp.json',
    { module, transport: TransportKind.ipc },
    {
      documentSelector: [{ language: mcpJsonLanguage }],
      initializationOptions,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      outputChannel: window.createOutputChannel('RockBot mcp.json', { log: true }),
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        async closed() {
          const now = Date.now();
          ends = [...ends.filter((at) => now - at < restarts.withinMs), now];
          if (closing.signal.aborted || ends.length > restarts.most) {
            if (!closing.signal.aborted)
              log.error('The language server for mcp.json ends again and again; it is not started any more.');
            return { action: CloseAction.DoNotRestart, handled: true };
          }
          const delayMs = backoffDelay(ends.length - 1, restarts);
          log.warn('The language server for mcp.json has ended; it is started again.', {
            delayMs: Math.round(delayMs),
          });
          await setTimeout(delayMs, undefined, { signal: closing.signal }).catch(() => undefined);
          return { action: closing.signal.aborted ? CloseAction.DoNotRestart : CloseAction.Restart, handled: true };
        },
      },
    },
  );

  const send = (): void => {
    if (client.state !== State.Running) return;
    // A server that has just ended is told when it is back.
    client.sendNotification(contextNotification, told).catch(() => undefined);
  };
  const following = client.onDidChangeState(({ newState }) => {
    if (newState === State.Running) send();
  });
  client.start().catch((error: unknown) => {
    log.error('The language server for mcp.json could not be started.', { error: (error as Error).message });
  });

  return {
    tell(next) {
      told = next;
      send();
    },
    dispose() {
      closing.abort();
      following.dispose();
      client.dispose().catch(() => undefined);
    },
  };
}
