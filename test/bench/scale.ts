// Section "scale": 50 servers with 40 tools each beside an agent with one server: start, listing, memory, a call, and a thousand
// calls at once. The calls of both take turns.
import { z } from 'zod';
import { jsonLine, startChild } from '../support/child.ts';
import { timeInTurns } from './alternating-blocks.ts';
import type { BenchAgent, BenchStack } from './bench-stack.ts';
import { openAgentPath } from './call-paths.ts';
import { callInCrowd } from './crowd.ts';
import { median, quartiles, type Measure } from './measure.ts';
import { payloadOf } from './payload.ts';
import { residentMegabytes } from './resident-memory.ts';

const servers = 50;
const toolsEach = 40;
const inFlight = 1_000;

export async function measureScale({
  stack,
  folder,
  quick,
}: {
  stack: BenchStack;
  folder: string;
  quick: boolean;
}): Promise<Measure[]> {
  await using echo = await startChild({
    name: 'echo-many',
    args: [
      new URL('../support/echo-server.ts', import.meta.url).pathname,
      '--introspect',
      `${stack.entra.adminUrl}/introspect`,
      '--tools',
      String(toolsEach),
    ],
    readyLine: jsonLine,
  });
  const { url: echoUrl } = z.object({ url: z.string() }).parse(echo.ready);
  await using one = await stack.startReadyAgent({ folder, name: 'bench-one', echoUrl });
  await using many = await stack.startAgent({ folder, name: 'bench-many', servers, echoUrl });
  await many.connect();
  const connected = performance.now();
  await many.serversReady();
  const readyMs = performance.now() - connected;
  const { pid } = many.process.child;
  const idle = await residentMegabytes(pid);
  const listing = await timeListing(many, quick ? 10 : 50);
  const payload = payloadOf(1024);
  const paths = new Map(
    Object.entries({ one, many }).map(([name, agent]) => {
      const path = openAgentPath(agent);
      return [name, () => path.call(payload)];
    }),
  );
  const timings = await timeInTurns({
    paths,
    baseline: 'one',
    callers: 1,
    callsPerBlock: 100,
    rounds: quick ? 8 : 30,
    warmUpRounds: quick ? 4 : 10,
  });
  const flood = await timeFlood(many);
  const ratio = timings.get('many')?.latencyRatio;
  const title = `${servers} servers with ${toolsEach} tools each`;
  return [
    { id: 'scale.ready', title: `${title}: sign-in to all ready`, value: readyMs, unit: 'ms' },
    { id: 'scale.idle', title: `${title}: memory idle`, value: idle, unit: 'MB' },
    {
      id: 'scale.list',
      title: `${title}: tool.list of all`,
      value: median(listing),
      spread: quartiles(listing),
      unit: 'ms',
    },
    {
      id: 'scale.call',
      title: `${title}: a call, against an agent with one server`,
      value: ratio?.median ?? NaN,
      ...(ratio !== undefined && { spread: ratio.quartiles }),
      unit: 'x',
      target: { atMost: 1.1 },
    },
    { id: 'scale.flood', title: `${inFlight} calls at once until the last has ended`, value: flood, unit: 'ms' },
    { id: 'scale.after', title: 'Memory right after them', value: await residentMegabytes(pid), unit: 'MB' },
  ];
}

async function timeListing({ bus }: BenchAgent, runs: number): Promise<number[]> {
  const took: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    const listed = await bus.request('toolList', {});
    took.push(performance.now() - started);
    const tools = listed.servers.reduce((sum, server) => sum + server.tools.length, 0);
    if (tools !== servers * toolsEach) throw new Error(`${tools} tools were listed.`);
  }
  return took;
}

async function timeFlood(agent: BenchAgent): Promise<number> {
  const path = openAgentPath(agent);
  const payload = payloadOf(1024);
  const started = performance.now();
  await callInCrowd({ callers: inFlight, calls: inFlight, call: () => path.call(payload) });
  return performance.now() - started;
}
