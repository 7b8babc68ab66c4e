// Everything that a workbench needs on this machine, fetched when it is not there; it starts nothing.
import type { Chromium } from './chromium.ts';
import { findChromium } from './find-chromium.ts';
import { provideServer } from './provide-server.ts';

export interface WorkbenchParts {
  /** Root folder of the VS Code server. */
  root: string;
  chromium: Chromium;
}

const say = (message: string): void => void process.stderr.write(`${message}\n`);
let parts: Promise<WorkbenchParts> | undefined;

/** @throws with one sentence that says what to do where it cannot be had. */
export function provideWorkbench(): Promise<WorkbenchParts> {
  parts ??= Promise.all([findChromium({ say }), provideServer({ say })]).then(([chromium, root]) => ({
    chromium,
    root,
  }));
  return parts;
}

/** Why there can be no workbench on this machine, for the `skip` of a test; false when there can. */
export async function workbenchObstacle(): Promise<string | false> {
  return provideWorkbench().then(
    () => false,
    (error: unknown) => (error as Error).message,
  );
}
