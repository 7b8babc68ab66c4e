// What the log and whoever waits for a start are told of a local agent's events; it starts and stops nothing.
import type { Logger } from '../logger.ts';
import type { LocalAgentEvent } from './local-agent.ts';

export interface LocalAgentLog extends Pick<Logger, 'info' | 'warn'> {
  /** One line of the agent's own log. */
  agentLine(line: string): void;
}

/** Where a start is told step by step. */
export interface StartSteps {
  report(step: { message: string }): void;
}

export function logLocalAgentEvent(event: LocalAgentEvent, log: LocalAgentLog, steps: StartSteps): void {
  switch (event.kind) {
    case 'nats_fetching':
      log.info(event.message);
      steps.report({ message: event.message });
      break;
    case 'nats_ready':
      log.info('The local bus is ready.', { url: event.url });
      steps.report({ message: 'starting the agent' });
      break;
    case 'nats_crashed':
      log.warn('The local bus ended unexpectedly; it is started again.');
      break;
    case 'agent_log':
      log.agentLine(event.line);
      break;
    case 'agent_crashed':
      log.warn('The local agent ended unexpectedly; it is started again.', { ...event.exit });
      break;
    case 'gave_up':
      log.warn(event.error.message);
      break;
    case 'agent_ready':
    case 'stopped':
      break;
  }
}
