// Exit codes, after sysexits.h where it has one; pure.
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

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof ConfigurationError) return exitCodes.configuration;
  if (error instanceof BusUnreachableError || error instanceof NatsServerError) return exitCodes.unavailable;
  if (!(error instanceof RockBotError)) return exitCodes.failed;
  switch (error.code) {
    case 'cancelled':
      return exitCodes.cancelled;
    case 'auth_required':
    case 'consent_required':
    case 'admin_action_required':
    case 'entitlement_required':
    case 'handoff_refused':
    case 'forbidden':
      return exitCodes.noPermission;
    default:
      return exitCodes.failed;
  }
}
