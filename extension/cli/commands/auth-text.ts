// Writes the state of the agent's connection to Microsoft 365 for people.
import { authReasonText } from '../../../shared/auth-reason-text.ts';
import type { AuthState, AuthStatus } from '../../../shared/contract/auth-state.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { momentText } from '../render/date-text.ts';
import type { View } from '../render/view.ts';

const words: Readonly<Record<AuthStatus, string>> = {
  connected: 'Connected',
  not_connected: 'Not connected',
  expired: 'Sign-in expired',
  degraded: 'Connected with trouble',
};

export function authHeadline(state: AuthState, { colors }: View): string {
  const color = { connected: colors.green, degraded: colors.yellow, expired: colors.red, not_connected: colors.dim };
  const name = state.account === undefined ? '' : ` as ${colors.bold(cleanLine(state.account.username))}`;
  return `${color[state.status](`● ${words[state.status]}`)}${name}`;
}

export function authLines(state: AuthState, view: View): string[] {
  const field = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`  ${view.colors.dim(name.padEnd(13))} ${cleanLine(value)}`];
  const time = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : momentText(text, view);
  return [
    authHeadline(state, view),
    ...field('tenant', state.account?.tenantId),
    ...field('since', time(state.since)),
    ...field('last refresh', time(state.lastRefreshAt)),
    ...field('token until', time(state.accessTokenExpiresAt)),
    ...(state.reason === undefined
      ? []
      : [
          ...field('reason', authReasonText(state.reason)),
          ...field('what to do', state.reason.action),
          // Alone on a line, so that it can be copied; it stands in the advice, too.
          ...field('link', state.nextStep?.url),
          ...field('command', state.nextStep?.command),
        ]),
    ...(state.endsAt === undefined
      ? []
      : [
          ...field('ends', `${momentText(state.endsAt.at, view)}. ${state.endsAt.message}`),
          ...(state.endsAt.soon ? field('what to do', 'Run "rockbot auth workiq" to sign in again before that.') : []),
        ]),
    ...(state.status === 'not_connected' && state.reason === undefined
      ? field('what to do', 'Run "rockbot auth workiq" to sign in.')
      : []),
  ];
}
