// Decides whether the sign-in service an agent names is one to sign in to; pure, it neither asks nor stores. The profile is not
// signed: whoever answers in the agent's place can show its true key and name a service of their own, which then gets the sign-in.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export type SignInServiceDecision =
  /** Microsoft's own, or the one of before. */
  | { kind: 'expected' }
  /** Not Microsoft's, and nothing is known of this agent yet: say whose it is. */
  | { kind: 'first' }
  /** Not Microsoft's, and not the one of before: a person has to decide. */
  | { kind: 'changed' };

/** Of the public and the national clouds: a sign-in there gives its tokens to nobody but who asked for it. */
const ofMicrosoft: ReadonlySet<string> = new Set([
  'https://login.microsoftonline.com',
  'https://login.microsoftonline.us',
  'https://login.partner.microsoftonline.cn',
]);

export function decideSignInService(options: {
  /** Origin remembered from an earlier sign-in. */
  known: string | undefined;
  offered: string;
  /** Its key was trusted before. */
  isKnownAgent: boolean;
}): SignInServiceDecision {
  const { known, offered, isKnownAgent } = options;
  if (ofMicrosoft.has(offered) || offered === known) return { kind: 'expected' };
  return { kind: known === undefined && !isKnownAgent ? 'first' : 'changed' };
}

/** `authority` as the agent's profile has it: an absolute URL. */
export function signInServiceOf(authority: string): string {
  return new URL(authority).origin;
}

export function signInServiceChanged(options: {
  agent: string;
  known: string | undefined;
  offered: string;
  action: string;
}): RockBotError {
  const before = options.known === undefined ? 'which is not of Microsoft' : `instead of ${options.known}`;
  return new RockBotError({
    code: 'handoff_refused',
    reason: 'unreadable',
    message: `The agent "${options.agent}" wants the sign-in at ${options.offered}, ${before}; nothing was sent.`,
    action: options.action,
  });
}
