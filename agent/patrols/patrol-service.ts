// Patrols as a part of the agent: what they need is loaded once the agent serves, and patrols.json is followed.
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

export class PatrolService {
  readonly #options: PatrolServiceOptions;
  #starting: Promise<Started> | undefined;
  #patrols: Patrols | undefined;
  #isClosing = false;

  constructor(options: PatrolServiceOptions) {
    this.#options = options;
  }

  /** Starts them at the first call. Rejects with a RockBotError; the next call tries again. */
  async started(): Promise<Patrols> {
    if (this.#isClosing)
      throw new RockBotError({ code: 'cancelled', message: 'The agent is stopping.', action: 'Ask again later.' });
    try {
      this.#starting ??= this.#start();
      return (await this.#starting).patrols;
    } catch (error) {
      this.#starting = undefined;
      this.#options.logger.error('Patrols could not be started.', { error });
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
    this.#isClosing = true;
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
