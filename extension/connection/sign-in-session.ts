// The one sign-in of this window: from the agent's profile to its receipt. It shows nothing itself, and keeps no token.
import type { AuthProfile, HandOffReceipt } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { HandOffSigner } from '../../shared/hand-off/seal-hand-off.ts';
import type { Bus } from '../bus.ts';
import type * as Consent from '../consent/consent.ts';
import type { DeviceCode } from '../consent/msal.ts';
import type { SignedIn, SignInOverrides, SignInRequest } from '../consent/sign-in.ts';
import type { SignInStep } from './connection-state.ts';
import type { SignInWay } from './sign-in-way.ts';

/** What runs now, so that a second request can show it instead of starting another one. */
export interface RunningSignIn {
  way: SignInWay;
  step: SignInStep;
  /** Once the browser was opened. */
  pageUrl?: string;
  /** Once there is a code. */
  code?: DeviceCode;
  /** Without effect once the hand-off was sent. */
  cancel: () => void;
}

export interface SignInPerson {
  /**
   * Throws to stop: the key is not to be trusted. `profile.state` says who is connected now; `onAsked` is called where a person
   * has to decide.
   */
  approveKey(fingerprint: string, profile: AuthProfile, onAsked: () => void): Promise<void>;
  /** False when no browser could be opened. */
  openPage(url: string): Promise<boolean>;
  /** Called once, and must not wait for the person. */
  showCode(code: DeviceCode): void;
  changed(running: RunningSignIn | undefined): void;
}

export interface SignInSessionOptions {
  bus: Pick<Bus, 'request'>;
  signer: () => Promise<HandOffSigner>;
  loadConsent: () => Promise<typeof Consent>;
  http: (consent: typeof Consent) => Promise<ReturnType<typeof Consent.createEntraHttp>>;
  person: SignInPerson;
}

export class SignInSession {
  readonly #options: SignInSessionOptions;
  #running: RunningSignIn | undefined;

  constructor(options: SignInSessionOptions) {
    this.#options = options;
  }

  get running(): RunningSignIn | undefined {
    return this.#running;
  }

  /**
   * @throws RockBotError `cancelled`, what the sign-in or the bus refused, or `handoff_refused`
   * @throws Error when one runs already; look at `running` first
   */
  async run(options: { way: SignInWay; overrides: SignInOverrides }): Promise<HandOffReceipt> {
    if (this.#running !== undefined) throw new Error('A sign-in runs already.');
    const { bus, signer, loadConsent, person } = this.#options;
    const ending = new AbortController();
    const { signal } = ending;
    const cancel = (): void => {
      // What was sent cannot be taken back: the agent's answer, a moment later, is the truth then.
      if (this.#running?.step !== 'waiting_for_agent') ending.abort(cancelled());
    };
    this.#change({ way: options.way, step: 'profile', cancel });
    try {
      const consent = await loadConsent();
      return await consent.handOff({
        bus,
        signer: await signer(),
        signal,
        overrides: options.overrides,
        approveKey: (fingerprint, profile) =>
          person.approveKey(fingerprint, profile, () => this.#update({ step: 'key' })),
        signIn: (request) => this.#signIn(consent, { request, way: options.way, signal }),
        onStep: (step) => this.#update({ step }),
      });
    } catch (error) {
      if (signal.aborted && !(error instanceof RockBotError)) throw cancelled();
      throw error;
    } finally {
      this.#change(undefined);
    }
  }

  async #signIn(
    consent: typeof Consent,
    { request, way, signal }: { request: SignInRequest; way: SignInWay; signal: AbortSignal },
  ): Promise<SignedIn> {
    const { person } = this.#options;
    const http = await this.#options.http(consent);
    if (way === 'browser') {
      const noBrowser = new AbortController();
      try {
        return await consent.signInWithBrowser(request, {
          http,
          signal: AbortSignal.any([signal, noBrowser.signal]),
          openBrowser: async (pageUrl) => {
            this.#update({ pageUrl });
            if (!(await person.openPage(pageUrl))) noBrowser.abort();
          },
        });
      } catch (error) {
        if (!noBrowser.signal.aborted || signal.aborted) throw error;
        this.#update({ way: 'device_code' });
      }
    }
    return consent.signInWithDeviceCode(request, {
      http,
      signal,
      onCode: (code) => {
        this.#update({ code });
        person.showCode(code);
      },
    });
  }

  #update(change: Partial<RunningSignIn>): void {
    if (this.#running !== undefined) this.#change({ ...this.#running, ...change });
  }

  #change(running: RunningSignIn | undefined): void {
    this.#running = running;
    this.#options.person.changed(running);
  }
}

function cancelled(): RockBotError {
  return new RockBotError({ code: 'cancelled', message: 'The sign-in was cancelled.' });
}
