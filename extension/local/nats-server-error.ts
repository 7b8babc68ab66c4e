// What can go wrong with a local nats-server, each with the step that mends it; it knows neither processes nor files.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export type NatsServerProblem =
  /** None found and none could be fetched. */
  | 'not_found'
  /** The file named or found is no nats-server that runs here. */
  | 'unusable'
  /** A download did not have the pinned checksum. */
  | 'checksum_mismatch'
  /** A download or an unpacking failed. */
  | 'fetch_failed'
  | 'port_in_use'
  | 'config_invalid'
  | 'start_timeout'
  /** It ended by itself, more often than it is restarted. */
  | 'crashed'
  /** It was asked for while it is being stopped. */
  | 'stopped';

export interface NatsServerErrorOptions {
  problem: NatsServerProblem;
  /** Plain words for a person; never holds a secret. */
  message: string;
  /** What to do next, as an instruction. */
  nextStep: string;
  cause?: unknown;
}

export class NatsServerError extends RockBotError {
  static override readonly kind = 'NatsServerError';

  readonly problem: NatsServerProblem;
  readonly nextStep: string;

  constructor({ problem, message, nextStep, cause }: NatsServerErrorOptions) {
    super({ code: 'server_unavailable', retryable: false, message, action: nextStep, cause });
    this.name = 'NatsServerError';
    this.problem = problem;
    this.nextStep = nextStep;
  }
}
