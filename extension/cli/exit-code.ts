// Exit codes, after sysexits.h where it has one; pure.
import type { ErrorCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { BusUnreachableError } from '../bus/bus-unreachable.ts';
import { NatsServerError } from '../local/nats-server-error.ts';
import { ConfigurationError, UsageError } from './cli-errors.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** The bus or the agent cannot be reached. */
  unavailable: 69,
  /** Sign-in, consent, an administrator or a right is missing. */
  noPermission: 77,
  configuration: 78,
  cancelled: 130,
} as const;

const permissionCodes: ReadonlySet<ErrorCode> = new Set([
  'auth_required',
  'consent_required',
  'admin_action_required',
  'entitlement_required',
  'handoff_refused',
  'forbidden',
]);

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof ConfigurationError) return exitCodes.configuration;
  if (error instanceof BusUnreachableError || error instanceof NatsServerError) return exitCodes.unavailable;
  if (!(error instanceof RockBotError)) return exitCodes.failed;
  if (error.code === 'cancelled') return exitCodes.cancelled;
  return permissionCodes.has(error.code) ? exitCodes.noPermission : exitCodes.failed;
}
