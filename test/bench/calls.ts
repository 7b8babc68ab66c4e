// Section "calls": an agent's call beside the SDK's direct one and mcp-remote's, small and large, alone and in a crowd.
import type { BenchAgent, BenchStack } from './bench-stack.ts';
import { timeInTurns, type PathTiming, type Spread } from './alternating-blocks.ts';
import { openAgentPath, openRemotePath, openSdkPath } from './call-paths.ts';
import type { Measure } from './measure.ts';
import { payloadOf } from './payload.ts';

interface CallCase {
  size: '1 kB' | '256 kB';
  bytes: number;
  callers: number;
  callsPerBlock: number;
  atMostTimesSdk: number;
  /** How many times faster than mcp-remote. */
  atLeastTimesRemote?: number;
}

const names: Readonly<Record<string, string>> = {
  sdk: 'MCP SDK direct',
  remote: 'mcp-remote',
  ours: 'RockBot',
  other: 'the compared checkout',
};

const cases: readonly CallCase[] = [
  { size: '1 kB', bytes: 1024, callers: 1, callsPerBlock: 120, atMostTimesSdk: 1.5, atLeastTimesRemote: 2 },
  { size: '1 kB', bytes: 1024, callers: 16, callsPerBlock: 480, atMostTimesSdk: 1.5, atLeastTimesRemote: 2 },
  { size: '256 kB', bytes: 256 * 1024, callers: 1, callsPerBlock: 12, atMostTimesSdk: 1.6 },
  { size: '256 kB', bytes: 256 * 1024, callers: 16, callsPerBlock: 32, atMostTimesSdk: 1.6 },
];

export interface CallsOptions {
  stack: BenchStack;
  agent: BenchAgent;
  /** An agent of another checkout, which takes turns with the rest. */
  compared?: BenchAgent | undefined;
  rounds: number;
}

export async function measureCalls({ stack, agent, compared, rounds }: CallsOptions): Promise<Measure[]> {
  await using sdk = await openSdkPath(stack);
  await using remote = await openRemotePath(stack);
  const paths = new Map([
    ['sdk', sdk],
    ['remote', remote],
    ['ours', openAgentPath(agent)],
    ...(compared === undefined ? [] : [['other', openAgentPath(compared)] as const]),
  ]);
  const measures: Measure[] = [];
  for (const setting of cases) {
    const payload = payloadOf(setting.bytes);
    const timing = await timeInTurns({
      paths: new Map([...paths].map(([name, path]) => [name, () => path.call(payload)])),
      baseline: 'sdk',
      callers: setting.callers,
      callsPerBlock: setting.callsPerBlock,
      rounds: setting.bytes > 100_000 && setting.callers > 1 ? Math.ceil(rounds / 2) : rounds,
      warmUpRounds: setting.bytes > 100_000 || setting.callers > 1 ? 5 : Math.max(15, rounds),
    });
    measures.push(...measuresOf(setting, timing));
  }
  return measures;
}

function measuresOf(setting: CallCase, timing: ReadonlyMap<string, PathTiming>): Measure[] {
  const { size, callers, atMostTimesSdk, atLeastTimesRemote } = setting;
  const id = `calls.${size.replace(' ', '')}.${callers}`;
  const title = `${size}, ${callers} caller${callers === 1 ? '' : 's'}`;
  // What one caller feels is the time of a call; what a crowd feels is how many get through.
  const ratioOf = (path: string): Spread | undefined =>
    callers === 1 ? timing.get(path)?.latencyRatio : timing.get(path)?.timeRatio;
  const measures: Measure[] = [];
  for (const [path, { p50, callsPerSecond }] of timing) {
    const name = names[path] ?? path;
    const ratio = ratioOf(path);
    measures.push(
      callers === 1
        ? { id: `${id}.${path}.p50`, title: `${title}: ${name}`, value: p50, unit: 'ms' }
        : { id: `${id}.${path}.rate`, title: `${title}: ${name}`, value: callsPerSecond, unit: 'calls/s' },
    );
    if (path === 'sdk' || ratio === undefined) continue;
    measures.push({
      id: `${id}.${path}.ratio`,
      title: `${title}: ${name}, time against SDK direct`,
      value: ratio.median,
      spread: ratio.quartiles,
      unit: 'x',
      ...(path === 'ours' && { target: { atMost: atMostTimesSdk } }),
    });
  }
  measures.push({
    id: `${id}.ours.overRemote`,
    title: `${title}: RockBot, times faster than mcp-remote`,
    value: (ratioOf('remote')?.median ?? NaN) / (ratioOf('ours')?.median ?? NaN),
    unit: 'x',
    ...(atLeastTimesRemote !== undefined && { target: { atLeast: atLeastTimesRemote } }),
  });
  return measures;
}
