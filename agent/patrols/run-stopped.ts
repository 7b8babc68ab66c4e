// Why a run ends before its steps do.
import type { RunStatus } from '../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export class RunStopped extends RockBotError {
  static override readonly kind = 'RunStopped';
  readonly status: Extract<RunStatus, 'failed' | 'cancelled' | 'interrupted'>;

  private constructor(status: RunStopped['status'], code: 'timeout' | 'cancelled', message: string, action: string) {
    super({ code, message, action, retryable: false });
    this.status = status;
  }

  static timeout(seconds: number): RunStopped {
    const message = `The run took longer than its ${seconds} s.`;
    return new RunStopped('failed', 'timeout', message, 'Have it ask for less, or raise timeoutSeconds.');
  }

  static cancelled(why: string): RunStopped {
    return new RunStopped('cancelled', 'cancelled', `The run was cancelled: ${why}.`, 'Run it again if you need it.');
  }

  static interrupted(): RunStopped {
    const message = 'The run was interrupted, because the agent is stopping.';
    return new RunStopped('interrupted', 'cancelled', message, 'Run it again if you need it.');
  }
}
