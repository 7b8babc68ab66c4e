// Says why the bus cannot be reached: nats.ws keeps only that it cannot. One line per cause, and now and then again.
import { certificateFault, failureCodeOf } from '../connect-failure.ts';
import type { Logger } from '../logger.ts';

/** Failures in a row of the same cause between log lines. */
const repeatEvery = 10;

/** What an operator can mend, for log and readiness alike. */
const certificateTrouble = {
  authority:
    'Its certificate is not trusted: name the file of its certificate authority in Nats__CaFile and start the agent anew.',
  validity: 'Its certificate is not valid for this address or time.',
} as const;

export class SocketWatch {
  readonly #url: string;
  readonly #logger: Logger;
  #failures = 0;
  #loggedCause: string | undefined;
  /** Whether the bus, when it answered last, turned the credentials away. */
  #isRefused = false;
  #hasToldRefusal = false;
  #certificateFault: keyof typeof certificateTrouble | undefined;

  constructor({ url, logger }: { url: string; logger: Logger }) {
    this.#url = url;
    this.#logger = logger;
  }

  /** Failures since the last connection. */
  get failures(): number {
    return this.#failures;
  }

  /** Why there is no connection, in plain words. */
  get trouble(): string {
    if (this.#isRefused)
      return 'The bus refuses the credentials of this agent; check Nats__NkeySeedFile or Nats__CredsFile.';
    const fault = this.#certificateFault;
    return `The bus is not connected.${fault === undefined ? '' : ` ${certificateTrouble[fault]}`}`;
  }

  /** `code` as nats.ws names it. */
  refused(code: string): void {
    this.#isRefused = true;
    this.#certificateFault = undefined;
    const fields = { url: this.#url, code };
    if (this.#hasToldRefusal) {
      this.#logger.debug('The bus refused the credentials of the agent again.', fields);
      return;
    }
    this.#hasToldRefusal = true;
    this.#logger.error(
      'The bus refused the credentials of the agent; it is tried again. Check Nats__NkeySeedFile or Nats__CredsFile, and that the user is registered at the bus.',
      fields,
    );
  }

  failed(error: unknown): void {
    this.#isRefused = false;
    const code = failureCodeOf(error);
    const fault = certificateFault(code);
    this.#certificateFault = fault;
    // Without a code it is ws that speaks, of an answer that opens no WebSocket.
    const cause = code ?? (error instanceof Error ? error.message : 'unknown');
    this.#logger.debug('A connection to the bus failed.', { url: this.#url, code: cause });
    const attempt = this.#failures++;
    if (cause === this.#loggedCause && attempt % repeatEvery !== 0) return;
    this.#loggedCause = cause;
    const why = fault === undefined ? '' : ` ${certificateTrouble[fault]}`;
    this.#logger.warn(`The bus cannot be reached yet; it is tried again.${why}`, {
      url: this.#url,
      code: cause,
      attempt,
    });
  }

  connected(): void {
    this.#failures = 0;
    this.#loggedCause = undefined;
    this.#isRefused = false;
    this.#hasToldRefusal = false;
    this.#certificateFault = undefined;
  }
}
