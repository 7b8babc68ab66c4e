// How a patrol calls a tool: what it gives and what it gets. The calls of a run go the way of all calls.
import type { PartFailure } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Guards } from '../../shared/guards/parse-guards.ts';
import type { RunCall } from '../call-runner.ts';
import { redactResult } from './redact-result.ts';

export interface PatrolCall {
  callId: string;
  runId: string;
  patrol: string;
  server: string;
  tool: string;
  arguments: Record<string, unknown>;
  /** Milliseconds; undefined as for any call to the server. */
  timeoutMs: number | undefined;
  guards: Guards;
}

export interface PatrolCallResult {
  /** MCP `CallToolResult`. */
  result: unknown;
  /** How large it was as JSON. */
  bytes: number;
  /** Parts of the result that failed beside others that did not. */
  failures: readonly PartFailure[];
}

/** Throws RockBotError, or the signal's reason. */
export type MakePatrolCall = (call: PatrolCall, options: { signal: AbortSignal }) => Promise<PatrolCallResult>;

/** A run holds the results of all its steps. */
const maxResultBytes = 8 * 1024 * 1024;

export function createPatrolCall(runCall: RunCall): MakePatrolCall {
  return async ({ callId, runId, patrol, guards, ...call }, { signal }) => {
    const caller = `patrol/${patrol}`;
    const { json, failures } = await runCall(
      { ...call, callId, caller, signal, guards: { guards, place: `the patrol "${patrol}" in patrols.json` } },
      { source: caller, inbox: '', correlationId: runId, toldResult: redactResult },
    );
    const bytes = json.to - json.from;
    if (bytes > maxResultBytes)
      throw new RockBotError({
        code: 'payload_too_large',
        message: `The result has ${bytes} bytes; a step of a patrol takes at most ${maxResultBytes}.`,
        action: 'Ask for less.',
      });
    return { result: JSON.parse(json.buffer.toString('utf8', json.from, json.to)) as unknown, bytes, failures };
  };
}
