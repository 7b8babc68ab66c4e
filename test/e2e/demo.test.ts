// The demo as a person starts it: it tells the whole story unattended, ends with 0, and leaves nothing behind.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { runCommand } from '../../extension/local/run-command.ts';
import { startChild } from '../support/child.ts';

const repository = new URL('../..', import.meta.url).pathname;
/** The story takes a quarter of a minute; a machine with much else to do may take long, but not for ever. */
const boundMs = 5 * 60_000;

/** Compiled code of the programs, which Node keeps for the next start. */
const compileCache = 'node-compile-cache';

/** What somebody who watches has to see, in this order. */
const story = [
  '1. Start',
  'nats-server at ws://127.0.0.1:',
  'Microsoft Entra (simulated)',
  'with nobody signed in',
  '2. Before the consent',
  'exit code 77: a sign-in is needed',
  '3. A person consents once',
  '"event":"device_code"',
  '"event":"connected","account":',
  '4. From now on the agent answers',
  '● workiq  ready',
  'Budget review',
  'Stand-up',
  '5. Access tokens expire',
  ' 0 failed, ',
  '6. An administrator revokes',
  'notice on auth.workiq.expired.rockbot',
  'The password was changed or the sign-in was revoked.',
  'the notice came once',
  '7. One sign-in repairs it',
  'Connected as adele@contoso.example',
  'still process ',
  'have ended',
  'That was the whole story',
];

test('demo - it tells the whole story, ends with 0, shows no token and leaves nothing running [S1] [S2] [S5] [P6]', async () => {
  const { scripts } = z
    .looseObject({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')));
  assert.equal(scripts['demo'], 'node test/demo/main.ts', 'what "npm run demo" runs is what is tested here');
  for (const name of ['agent.cjs', 'cli.cjs'])
    assert.ok(existsSync(join(repository, 'dist', name)), `dist/${name} is not there: run "npm run build"`);

  // Every process of the demo has this folder in its environment or its arguments, and keeps what it makes in it.
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-demo-test-'));
  try {
    const { code, stdout, stderr } = await runCommand(process.execPath, {
      // Other tests use dist/ at the same time, so it is not built again.
      args: ['test/demo/main.ts', '--built'],
      cwd: repository,
      env: environment(folder),
      timeoutMs: boundMs,
    });
    const output = stdout + stderr;
    assert.equal(code, 0, output);
    let from = 0;
    for (const line of story) {
      const at = stdout.indexOf(line, from);
      assert.ok(at >= 0, `"${line}" is not told where it belongs:\n${output}`);
      from = at;
    }
    const silent = /(\d+) calls by 8 callers, 0 failed, (\d+) silent refreshes/.exec(stdout);
    assert.ok(Number(silent?.[1]) > 8 && Number(silent?.[2]) >= 2, silent?.[0]);
    // JWTs, and refresh tokens in Entra's form.
    assert.doesNotMatch(output, /eyJ[\w-]{8,}|1\.AXkA|refresh_token|access_token|[\w-]{120,}/);
    await assertNothingLeft(folder);
  } finally {
    await removeAll(folder);
  }
});

test('demo - interrupted while it waits for a person, it ends with 130 and leaves nothing running', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-demo-test-'));
  try {
    await using demo = await startChild({
      name: 'demo',
      args: ['test/demo/main.ts', '--built', '--interactive'],
      env: environment(folder),
      readyLine: (line) => (/Open https:\S+, enter \w+/.test(line) ? true : undefined),
      readyTimeoutMs: boundMs,
    });
    // Twice, as npm passes on what the terminal has sent already; the programs of the demo hear nothing of it.
    demo.kill('SIGINT');
    demo.kill('SIGINT');
    assert.equal(await demo.exited, 130, demo.output());
    assert.match(demo.output(), /Interrupted\. Nothing is left running\./);
    await assertNothingLeft(folder);
  } finally {
    await removeAll(folder);
  }
});

function environment(folder: string): NodeJS.ProcessEnv {
  return { ...withoutOurs(process.env), TMPDIR: folder, TEMP: folder, TMP: folder, NO_COLOR: '1' };
}

async function assertNothingLeft(folder: string): Promise<void> {
  assert.deepEqual(await processesOf(folder), [], 'nothing is left running');
  const left = (await readdir(folder)).filter((name) => name !== compileCache);
  assert.deepEqual(left, [], 'nothing is left in the temporary folder');
}

async function removeAll(folder: string): Promise<void> {
  for (const { pid } of await processesOf(folder)) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
}

/** The machine's own settings of the product are not the demo's. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(?:ROCKBOT_(?!CACHE$|NATS_SERVER$)|WorkIQ__|Nats__|Agent__|Auth__|McpBridge__|Http__|Log__|NODE_TEST)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}

/** Where the system tells them of others, which is Linux. */
async function processesOf(folder: string): Promise<{ pid: number; command: string }[]> {
  if (process.platform !== 'linux') return [];
  const found: { pid: number; command: string }[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const read = (file: string): Promise<string> => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '');
    const [command, environment] = await Promise.all([read('cmdline'), read('environ')]);
    if (`${command}\0${environment}`.includes(folder))
      found.push({ pid: Number(name), command: command.replaceAll('\0', ' ') });
  }
  return found;
}
