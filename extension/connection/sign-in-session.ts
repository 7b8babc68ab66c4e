// The one sign-in of this window: from the agent's profile to its receipt. It shows nothing itself, and keeps no token.
import { abortable } from '../../shared/abort.ts';
import type { AuthProfile, HandOffReceipt } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { HandOffSigner } from '../../shared/hand-off/seal-hand-off.ts';
import type { Bus } from '../bus.ts';
import type * as Consent from '../consent/consent.ts';
import type { DeviceCode } from '../consent/msal.ts';
import type { SignedIn, SignInOverrides, SignInRequest } from '../consent/sign-in.ts';
import { AgentLeft } from './agent-left.ts';
import type { SignInStep } from './connection-state.ts';
import { assertOwnAppIds, namingOwnAppIds } from './own-app-ids.ts';
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
  /** Aborted when the window goes to another agent than the one that `bus` reaches now. */
  agentSignal: () => AbortSignal;
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
   * @throws RockBotError `cancelled`, WrongSetting, AgentLeft, what the sign-in or the bus refused, or `handoff_refused`
   * @throws Error when one runs already; look at `running` first
   */
  async run({ way, overrides }: { way: SignInWay; overrides: SignInOverrides }): Promise<HandOffReceipt> {
    if (this.#running !== undefined) throw new Error('A sign-in runs already.');
    assertOwnAppIds(overrides);
    const ending = new AbortController();
    const { signal } = ending;
    const wasSent = (): boolean => this.#running?.step === 'waiting_for_agent';
    const cancel = (): void => {
      // What was sent cannot be taken back: the agent's answer, a moment later, is the truth then.
      if (!wasSent()) ending.abort(cancelled());
    };
    const agent = this.#options.agentSignal();
    const leave = (): void => ending.abort(new AgentLeft({ wasSent: wasSent() }));
    agent.addEventListener('abort', leave, { once: true });
    this.#change({ way, step: 'profile', cancel });
    let profile: AuthProfile | undefined;
    try {
      // At once: a question to the person, or the library, may be still under way, which leads to nothing any more.
      return await abortable(this.#handOff({ way, overrides, signal, onProfile: (told) => (profile = told) }), signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : namingOwnAppIds(error, overrides, profile);
    } finally {
      agent.removeEventListener('abort', leave);
      this.#change(undefined);
    }
  }

  async #handOff(options: {
    way: SignInWay;
    overrides: SignInOverrides;
    signal: AbortSignal;
    onProfile: (profile: AuthProfile) => void;
  }): Promise<HandOffReceipt> {
    const { bus, signer, loadConsent, person } = this.#options;
    const { way, overrides, signal, onProfile } = options;
    const consent = await loadConsent();
    return consent.handOff({
      bus: {
        // By now it may reach another agent.
        request: async (...request) => {
          signal.throwIfAborted();
          return bus.request(...request);
        },
      },
      signer: await signer(),
      signal,
      overrides,
      approveKey: (fingerprint, profile) => {
        signal.throwIfAborted();
        onProfile(profile);
        return person.approveKey(fingerprint, profile, () => this.#update({ step: 'key' }, signal));
      },
      signIn: (request) => this.#signIn(consent, { request, way, signal }),
      onStep: (step) => this.#update({ step }, signal),
    });
  }

  async #signIn(
    consent: typeof Consent,
    { request, way, signal }: { request: SignInRequest; way: SignInWay; signal: AbortSignal },
  ): Promise<SignedIn> {
    const { person } = this.#options;
    signal.throwIfAborted();
    const http = await this.#options.http(consent);
    if (way === 'browser') {
      const noBrowser = new AbortController();
      try {
        return await consent.signInWithBrowser(request, {
          http,
          signal: AbortSignal.any([signal, noBrowser.signal]),
          openBrowser: async (pageUrl) => {
            signal.throwIfAborted();
            this.#update({ pageUrl }, signal);
            if (!(await person.openPage(pageUrl))) noBrowser.abort();
          },
        });
      } catch (error) {
        if (!noBrowser.signal.aborted || signal.aborted) throw error;
        this.#update({ way: 'device_code' }, signal);
      }
    }
    return consent.signInWithDeviceCode(request, {
      http,
      signal,
      onCode: (code) => {
        if (signal.aborted) return;
        this.#update({ code }, signal);
        person.showCode(code);
      },
    });
  }

  /** Without effect after the end, when another one may run. */
  #update(change: Partial<RunningSignIn>, signal: AbortSignal): void {
    if (this.#running !== undefined && !signal.aborted) this.#change({ ...this.#running, ...change });
  }

  #change(running: RunningSignIn | undefined): void {
    this.#running = running;
    this.#options.person.changed(running);
  }
}

function cancelled(): RockBotError {
  return new RockBotError({ code: 'cancelled', message: 'The sign-in was cancelled.' });
}
