// The calls of all callers, running and finished, newest first and bounded; pure.
import * as z from 'zod';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { requestCounts } from '../results/result-document.ts';
import { readResult } from '../results/result-parts.ts';

/** Never holds arguments or results, since it is kept over reloads. */
export const callSchema = z.object({
  callId: z.string(),
  server: z.string(),
  tool: z.string(),
  caller: z.string(),
  /** Milliseconds since the epoch. */
  startedAt: z.number(),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('running'), progress: z.string().optional(), heardAt: z.number() }),
    z.object({
      kind: z.literal('ok'),
      durationMs: z.number(),
      /** Of the requests inside the call, where some failed; `requests` where it is known how many there were. */
      failed: z.number().optional(),
      requests: z.number().optional(),
    }),
    z.object({ kind: z.literal('failed'), durationMs: z.number(), code: z.string(), message: z.string() }),
    /** Its end was never heard of. */
    z.object({ kind: z.literal('lost') }),
  ]),
});

export type Call = z.infer<typeof callSchema>;

export type ActivityEvent =
  | { kind: 'started'; call: Pick<Call, 'callId' | 'server' | 'tool' | 'caller'>; at: number }
  | { kind: 'progress'; progress: EventOf<'toolProgress'>; at: number }
  | { kind: 'finished'; result: ToolResultEvent }
  /** Time passed. */
  | { kind: 'tick'; now: number }
  | { kind: 'cleared' };

export const maxCalls = 500;
/** Milliseconds without a word after which a running call counts as lost: the agent's own longest time and a minute. */
const lostAfterMs = 360_000;

/** `calls`: newest first, and so is what is returned; the same array when nothing changed. */
export function reduceActivity(calls: readonly Call[], event: ActivityEvent): readonly Call[] {
  switch (event.kind) {
    case 'started':
      return put(calls, {
        ...event.call,
        startedAt: event.at,
        outcome: { kind: 'running', heardAt: event.at },
      });
    case 'progress':
      return progressed(calls, event.progress, event.at);
    case 'finished':
      return put(calls, finished(event.result));
    case 'tick':
      return calls.some((call) => isLost(call, event.now))
        ? calls.map((call) => (isLost(call, event.now) ? { ...call, outcome: { kind: 'lost' } } : call))
        : calls;
    case 'cleared':
      return calls.filter(({ outcome }) => outcome.kind === 'running');
  }
}

function progressed(calls: readonly Call[], progress: EventOf<'toolProgress'>, at: number): readonly Call[] {
  const { callId, server, tool, caller, startedAt } = progress;
  const known = calls.find((call) => call.callId === callId);
  // A late message about a call that has ended says nothing new.
  if (known !== undefined && known.outcome.kind !== 'running') return calls;
  if (known === undefined && (server === undefined || tool === undefined)) return calls;
  const started = Date.parse(startedAt ?? '');
  const text = progressText(progress);
  return put(calls, {
    callId,
    server: server ?? known?.server ?? '',
    tool: tool ?? known?.tool ?? '',
    caller: caller ?? known?.caller ?? '',
    startedAt: known?.startedAt ?? (Number.isFinite(started) ? started : at),
    outcome: { kind: 'running', heardAt: at, ...(text !== undefined && { progress: text }) },
  });
}

export function progressText({ progress, total, message }: EventOf<'toolProgress'>): string | undefined {
  const share = total !== undefined && total > 0 ? `${Math.round((100 * progress) / total)} %` : undefined;
  const text = [message, share].filter((part) => part !== undefined && part !== '').join(' ');
  return text === '' ? undefined : text;
}

function finished(event: ToolResultEvent): Call {
  const { callId, server, tool, caller, startedAt, durationMs, ok, error } = event;
  const started = Date.parse(startedAt);
  return {
    callId,
    server,
    tool,
    caller,
    startedAt: Number.isFinite(started) ? started : 0,
    outcome: ok
      ? { kind: 'ok', durationMs, ...failedParts(event) }
      : { kind: 'failed', durationMs, code: error?.code ?? 'internal', message: error?.message ?? 'The call failed.' },
  };
}

function failedParts({ failures = [], result }: ToolResultEvent): { failed?: number; requests?: number } {
  if (failures.length === 0) return {};
  const { requests } = requestCounts(result === undefined ? [] : readResult(result).parts);
  return { failed: failures.length, ...(requests >= failures.length && { requests }) };
}

function isLost({ outcome }: Call, now: number): boolean {
  return outcome.kind === 'running' && now - outcome.heardAt > lostAfterMs;
}

/** In the order of their starts; most are the newest. */
function put(calls: readonly Call[], call: Call): readonly Call[] {
  const others = calls.filter(({ callId }) => callId !== call.callId);
  const index = others.findIndex(({ startedAt }) => startedAt <= call.startedAt);
  others.splice(index === -1 ? others.length : index, 0, call);
  return others.slice(0, maxCalls);
}
