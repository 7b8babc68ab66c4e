/** Everything the simulator remembers, made in one place; it must not know requests. */
import { createBrowserSessions } from './browser-sessions.ts';
import { createConsents } from './consents.ts';
import { createDeviceCodes } from './device-codes.ts';
import { createDirectory } from './directory.ts';
import type { DirectoryOptions } from './directory.ts';
import { createFaults } from './faults.ts';
import { createIssued } from './issued.ts';
import { createRequestLog } from './request-log.ts';
import { createSettings } from './settings.ts';
import type { SettingsChange } from './settings.ts';
import { createSigningKeys } from './signing-keys.ts';

export type EntraState = Awaited<ReturnType<typeof createEntraState>>;

export async function createEntraState(options: {
  /** `https://localhost:<port>` */
  origin: string;
  directory: DirectoryOptions;
  settings?: SettingsChange | undefined;
}) {
  const settings = createSettings(options.settings);
  return {
    origin: options.origin,
    directory: createDirectory(options.directory),
    settings: settings.current,
    applySettings: settings.apply,
    keys: await createSigningKeys(),
    issued: createIssued(),
    consents: createConsents(settings.current),
    deviceCodes: createDeviceCodes(settings.current),
    browserSessions: createBrowserSessions(),
    faults: createFaults(),
    log: createRequestLog(),
    resetSettings: settings.reset,
  };
}
