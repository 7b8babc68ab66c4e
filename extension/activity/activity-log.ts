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
  /** Of the tool, where this window made the call. */
  sideEffects: z.enum(['read', 'write']).optional(),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('running'), progress: z.string().optional(), heardAt: z.number() }),
    z.object({
      kind: z.literal('ok'),
      durationMs: z.number(),
      /** Of the requests inside the call, where some failed; `requests` where it is known how many there were. */
      failed: z.number().optional(),
      requests: z.number().optional(),
    }),
    z.object({
      kind: z.literal('failed'),
      durationMs: z.number(),
      code: z.string(),
      message: z.string(),
      action: z.string().optional(),
    }),
    /** Its end was never heard of. */
    z.object({ kind: z.literal('lost') }),
  ]),
});

export type Call = z.infer<typeof callSchema>;

export type ActivityEvent =
  | { kind: 'started'; call: Pick<Call, 'callId' | 'server' | 'tool' | 'caller' | 'sideEffects'>; at: number }
  | { kind: 'progress'; progress: EventOf<'toolProgress'>; at: number }
  | { kind: 'finished'; result: ToolResultEvent }
  /** The agent does not have it any more. */
  | { kind: 'gone'; callId: string }
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
    case 'gone':
      return lose(calls, ({ callId }) => callId === event.callId);
    case 'tick':
      return lose(calls, ({ outcome }) => outcome.kind === 'running' && event.now - outcome.heardAt > lostAfterMs);
    case 'cleared':
      return calls.filter(({ outcome }) => outcome.kind === 'running');
  }
}

/** Of the calls that run, those that are not heard of any more. */
export function lose(calls: readonly Call[], isLost: (call: Call) => boolean): readonly Call[] {
  const lost = new Set(calls.filter((call) => call.outcome.kind === 'running' && isLost(call)));
  return lost.size === 0
    ? calls
    : calls.map((call) => (lost.has(call) ? { ...call, outcome: { kind: 'lost' } } : call));
}

/** What two logs of calls know together; of what both know alike, it is as in the first. */
export function mergeCalls(calls: readonly Call[], others: readonly Call[]): readonly Call[] {
  return calls.reduce((merged, call) => put(merged, call), others);
}

function progressed(calls: readonly Call[], progress: EventOf<'toolProgress'>, at: number): readonly Call[] {
  const { callId, server, tool, caller, startedAt } = progress;
  const known = calls.find((call) => call.callId === callId);
  // A late message about a call that has ended says nothing new.
  if (known !== undefined && endKnown(known) !== 'none') return calls;
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
      : {
          kind: 'failed',
          durationMs,
          code: error?.code ?? 'internal',
          message: error?.message ?? 'The call failed.',
          ...(error?.action !== undefined && { action: error.action }),
        },
  };
}

function failedParts({ failures = [], result }: ToolResultEvent): { failed?: number; requests?: number } {
  if (failures.length === 0) return {};
  const { requests } = requestCounts(result === undefined ? [] : readResult(result).parts);
  return { failed: failures.length, ...(requests >= failures.length && { requests }) };
}

const degrees = ['none', 'that it ended', 'how it ended'] as const;

function endKnown({ outcome }: Call): (typeof degrees)[number] {
  if (outcome.kind === 'running' || outcome.kind === 'lost') return 'none';
  return outcome.kind === 'failed' && outcome.code === 'outcome_unknown' ? 'that it ended' : 'how it ended';
}

/** In the order of their starts; most are the newest. What is known of an end is never replaced by less. */
function put(calls: readonly Call[], latest: Call): readonly Call[] {
  const known = calls.find(({ callId }) => callId === latest.callId);
  if (known !== undefined && degrees.indexOf(endKnown(known)) > degrees.indexOf(endKnown(latest))) return calls;
  const sideEffects = latest.sideEffects ?? known?.sideEffects;
  const call = sideEffects === undefined ? latest : { ...latest, sideEffects };
  const others = calls.filter(({ callId }) => callId !== call.callId);
  const index = others.findIndex(({ startedAt }) => startedAt <= call.startedAt);
  others.splice(index === -1 ? others.length : index, 0, call);
  return others.slice(0, maxCalls);
}
