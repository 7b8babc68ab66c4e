// Patrols as a part of the agent: what they need is loaded at their start, which is tried until it comes about, and patrols.json is
// followed.
import { backoffDelay } from '../../shared/backoff.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { watchConfig } from '../bridge/config-watch.ts';
import type { PatrolsFacts } from './patrol-facts.ts';
import type { Patrols, PatrolsOptions } from './patrols.ts';

export interface PatrolServiceOptions extends Omit<PatrolsOptions, 'files'> {
  /** Of patrols.json. */
  path: string;
  /** Where state and run records are kept. */
  folder: string;
}

interface Started {
  patrols: Patrols;
  close(): Promise<void>;
}

/** Milliseconds between attempts to start. */
const retry = { baseMs: 1_000, maxMs: 60_000 };

export class PatrolService {
  readonly #options: PatrolServiceOptions;
  readonly #closing = new AbortController();
  #starting: Promise<Started> | undefined;
  #patrols: Patrols | undefined;
  #isInTrouble = false;

  constructor(options: PatrolServiceOptions) {
    this.#options = options;
  }

  /** Starts them, if need be again and again: nobody may be there to ask for them. Resolves when they are there, or closed. */
  async begin(): Promise<void> {
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const isThere = await this.started().then(
        () => true,
        () => false,
      );
      if (isThere) return;
      await this.#options.clock.sleep(backoffDelay(attempt, retry), signal).catch(() => undefined);
    }
  }

  /** Starts them unless they are there. Rejects with a RockBotError; the next call tries again. */
  async started(): Promise<Patrols> {
    if (this.#closing.signal.aborted)
      throw new RockBotError({ code: 'cancelled', message: 'The agent is stopping.', action: 'Ask again later.' });
    try {
      this.#starting ??= this.#start();
      return (await this.#starting).patrols;
    } catch (error) {
      this.#starting = undefined;
      if (!this.#isInTrouble) this.#options.logger.error('Patrols could not be started; it is tried again.', { error });
      this.#isInTrouble = true;
      throw new RockBotError({
        code: 'internal',
        message: 'Patrols could not be started.',
        action: 'Look whether the volume can be written to; the log says more.',
        cause: error,
      });
    }
  }

  /** Undefined before they are there. */
  facts(): PatrolsFacts | undefined {
    return this.#patrols?.facts();
  }

  authChanged(): void {
    this.#patrols?.authChanged();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await (await this.#starting?.catch(() => undefined))?.close();
  }

  async #start(): Promise<Started> {
    const { path, folder, ...options } = this.#options;
    const [{ Patrols }, { openPatrolFiles }] = await Promise.all([import('./patrols.ts'), import('./patrol-files.ts')]);
    const patrols = await Patrols.open({ ...options, files: await openPatrolFiles(folder) });
    const watch = await watchConfig({
      path,
      onText: (text) => {
        patrols.configure(text).catch((error: unknown) => {
          options.logger.error('patrols.json could not be taken up.', { error });
        });
      },
      onUnreadable: (code) => {
        patrols.unreadable(code);
      },
    });
    await patrols.settled();
    this.#patrols = patrols;
    // A sign-in may have come meanwhile.
    patrols.authChanged();
    return {
      patrols,
      async close() {
        watch.close();
        await patrols.close();
      },
    };
  }
}
