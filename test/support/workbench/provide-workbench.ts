// Everything that a workbench needs on this machine, fetched when it is not there; it starts nothing.
import { findChromium, type Chromium } from './find-chromium.ts';
import { provideServer } from './provide-server.ts';

export interface WorkbenchParts {
  /** Root folder of the VS Code server. */
  root: string;
  chromium: Chromium;
}

const say = (message: string): void => void process.stderr.write(`${message}\n`);

/** @throws with one sentence that says what to do where it cannot be had. */
export async function provideWorkbench(): Promise<WorkbenchParts> {
  const chromium = await findChromium();
  if (chromium === undefined) throw new Error('no chromium');
  return { chromium, root: await provideServer({ say }) };
}
