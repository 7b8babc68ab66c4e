// Connects a command to the bus and tells the person when the connection is lost and back.
import { connectBus, type Bus } from '../bus.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import type { Output } from './output.ts';
import { readSettingFile } from './read-setting-file.ts';
import type { CliSettings } from './settings.ts';

export async function openBus(options: {
  settings: CliSettings;
  output: Output;
  credentials: BusCredentials | undefined;
  signal: AbortSignal;
}): Promise<Bus> {
  const { settings, output, credentials, signal } = options;
  const ca = settings.busCaFile === undefined ? undefined : await readSettingFile(settings.busCaFile, 'CA file');
  using _ = output.wait(`Connecting to the bus ${settings.busUrl}`);
  const bus = await connectBus({
    url: settings.busUrl,
    agent: settings.agent,
    source: 'cli',
    credentials,
    ca,
    connectTimeoutMs: Math.min(settings.timeoutMs ?? 5_000, 20_000),
    signal,
  });
  let isLost = false;
  bus.onEvent((event) => {
    if (event.kind === 'disconnected') {
      isLost = true;
      output.note(output.noteColors.yellow('The connection to the bus is lost; reconnecting…'));
    } else if (event.kind === 'connected' && isLost) {
      isLost = false;
      output.note(output.noteColors.dim('The bus is back.'));
    } else if (event.kind === 'refused') {
      output.note(output.noteColors.yellow(event.error.message));
    }
  });
  return bus;
}
