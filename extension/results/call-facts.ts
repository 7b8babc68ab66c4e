// What is known of a finished call apart from its result.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { CallFacts } from './panel-messages.ts';

export function callFacts({ callId, server, tool, caller, startedAt, durationMs, ok }: ToolResultEvent): CallFacts {
  return { callId, server, tool, caller, startedAt, durationMs, ok };
}
