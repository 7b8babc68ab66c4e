// Writes an error for people: one line what happened, one line what to do.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { redact } from '../../shared/redaction.ts';
import { cleanLine } from '../results/clean-text.ts';
import type { Colors } from './render/view.ts';

export function errorLines(error: unknown, colors: Colors): string[] {
  if (!(error instanceof RockBotError)) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [
      `${colors.red('✖')} ${redact(cleanLine(message))}`,
      `  ${colors.dim('→')} This should not have happened; please report it with the command you used.`,
    ];
  }
  const action = withWait(cleanLine(error.action ?? ''), error.retryAfterMs);
  // The word for programs says nothing more about a mistyped command.
  const code = error.code === 'invalid_request' ? undefined : error.code;
  const details = [code, error.reason, error.requestId && `request ${cleanLine(error.requestId)}`].filter(Boolean);
  return [
    `${colors.red('✖')} ${redact(cleanLine(error.message))} ${details.length === 0 ? '' : colors.dim(`[${details.join(', ')}]`)}`.trimEnd(),
    ...(action === '' ? [] : [`  ${colors.dim('→')} ${redact(action)}`]),
  ];
}

function withWait(action: string, retryAfterMs: number | undefined): string {
  if (retryAfterMs === undefined) return action;
  const wait = `Wait ${Math.ceil(retryAfterMs / 1_000)} s`;
  return /^Wait and\b/.test(action) ? action.replace('Wait', wait) : `${action} ${wait}.`.trim();
}

/** What programs get; it is the wire's form of an error. */
export function errorJson(error: unknown): object {
  if (error instanceof RockBotError) return toWireError(error);
  return { code: 'internal', message: error instanceof Error ? redact(error.message) : 'unknown', retryable: false };
}
