// Findings about the connection to the bus: that it answers, and that nobody reads along.
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { isLoopbackUrl } from '../bus/bus-failures.ts';
import { BusUnreachableError } from '../bus/bus-unreachable.ts';

export function busReached({ busUrl, tookMs }: { busUrl: string; tookMs: number }): Finding[] {
  const isPlain = busUrl.startsWith('ws:') && !isLoopbackUrl(busUrl);
  return [
    finding('bus.reach', 'ok', `${busUrl} answers (${Math.round(tookMs)} ms).`),
    isPlain
      ? finding('bus.encryption', 'warning', 'The bus on another machine is used without TLS.', {
          action: 'Use wss://.',
        })
      : finding('bus.encryption', 'ok', busUrl.startsWith('wss:') ? 'TLS.' : 'Nothing leaves this machine.'),
  ];
}

export function busUnusable(error: RockBotError, action: string | undefined): Finding {
  const fault =
    error instanceof BusUnreachableError
      ? 'unreachable'
      : error.code === 'forbidden'
        ? 'permission'
        : error.code === 'invalid_request'
          ? 'configuration'
          : 'other';
  return finding('bus.reach', 'failed', error.message, { fault, action });
}
