// What the presets `read-only` and `no-send` let pass, of calls that are what they seem to be.
import { hasSegment, type CallPath, type ClearPath } from './call-paths.ts';
import { catalogueWriter, reachingArgument } from './catalogue-writers.ts';
import { isQuietRequest } from './quiet-requests.ts';
import { shownPath, shownText } from './shown-path.ts';
import { findPathTool, isGenericWriter, isMethod } from './work-iq-tools.ts';

export interface GuardedTool {
  tool: string;
  /** What the tool is known to do; what is not known to be a read is a `write`. */
  sideEffects: 'read' | 'write';
  /** The server is Work IQ's, so that names of tools mean what Microsoft says they mean. */
  isWorkIq: boolean;
}

export interface GuardedCall extends GuardedTool {
  arguments: Readonly<Record<string, unknown>>;
}

const useFull = 'if it shall be called all the same, use "full" with allow and deny rules';

/** Why `read-only` does not let the call pass, if so. */
export function readOnlyDenial(call: GuardedCall, paths: () => readonly CallPath[]): string | undefined {
  return readOnlyToolDenial(call) ?? readDenial(call.tool, paths);
}

/** The same of the tool, whatever it is called with. */
export function readOnlyToolDenial({ tool, sideEffects, isWorkIq }: GuardedTool): string | undefined {
  if (isGenericWriter(tool) || (isWorkIq && catalogueWriter(tool) !== undefined))
    return `"${shownText(tool)}" changes something`;
  return sideEffects === 'read' ? undefined : `"${shownText(tool)}" is not known to only read`;
}

/** Why `no-send` does not let the call pass, if so. */
export function noSendDenial(call: GuardedCall, paths: () => readonly CallPath[]): string | undefined {
  const { tool, isWorkIq } = call;
  const ofTool = noSendToolDenial(call);
  if (ofTool !== undefined) return ofTool;
  if (isWorkIq && catalogueWriter(tool) === 'quiet') {
    const name = reachingArgument(call.arguments);
    return name === undefined ? undefined : `"${shownText(tool)}" reaches other people with "${shownText(name)}"`;
  }
  return isGenericWriter(tool) ? requestDenial(tool, paths()) : readDenial(tool, paths);
}

/** The same of the tool, whatever it is called with. */
export function noSendToolDenial({ tool, sideEffects, isWorkIq }: GuardedTool): string | undefined {
  const writer = isWorkIq ? catalogueWriter(tool) : undefined;
  const isGeneric = isGenericWriter(tool);
  if (sideEffects === 'read' && !isGeneric && writer === undefined) return undefined;
  if (writer === 'reaching') return `"${shownText(tool)}" reaches other people`;
  if (writer === 'quiet' || (isGeneric && isWorkIq)) return undefined;
  return `"${shownText(tool)}" may change something, and nobody knows whether that reaches other people; ${useFull}`;
}

/** Whether a read goes where it seems to go. Of other tools than the generic ones, the path does not decide that. */
function readDenial(tool: string, paths: () => readonly CallPath[]): string | undefined {
  if (findPathTool(tool) === undefined) return undefined;
  for (const { where, path, isTarget } of paths()) {
    if (!isTarget) continue;
    if (!path.clear) return `the path in ${where} is not clear, because ${path.why}`;
    if (hasSegment(path, '$BATCH')) return `${where} is a batch, which may change something`;
  }
  return undefined;
}

/** Each request of the call must be known to reach nobody else. */
function requestDenial(tool: string, paths: readonly CallPath[]): string | undefined {
  const ownMethod = findPathTool(tool)?.method ?? '';
  if (!paths.some(({ isTarget }) => isTarget)) return 'no path was found in its arguments';
  for (const { where, path, methods, isTarget } of paths) {
    if (!isTarget && methods === undefined) continue;
    if (!path.clear) return `the path in ${where} is not clear, because ${path.why}`;
    // Its requests stand among the paths.
    if (methods === undefined && isBatch(path)) continue;
    for (const method of methods ?? [ownMethod])
      if (!isMethod(method) || !isQuietRequest(method, path))
        return `${shownText(method)} ${shownPath(path)} (${where}) reaches other people, or nobody knows that it does not; ${useFull}`;
  }
  return undefined;
}

function isBatch({ readings }: ClearPath): boolean {
  return readings.every(([first, ...rest]) => first === '$batch' && rest.length === 0);
}
