// The built agent and command line, as they are shipped, from nothing to mail and calendar.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { startAgentProcess } from '../support/agent-process.ts';
import { filesIn } from '../support/files-in.ts';
import { jsonLines, runCli, startCli, testFolder, type CliExit } from '../support/cli.ts';
import { startTestNats } from '../support/nats.ts';
import { agentEnvironment, startEntraProcess, startWorkIqProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';

const manifest = z.looseObject({ version: z.string() });

const bundle = (name: string): string => {
  const path = new URL(`../../dist/${name}`, import.meta.url).pathname;
  assert.ok(existsSync(path), `dist/${name} is not there: run "npm run build"`);
  return path;
};

test('bundles - the built agent and command line do it all: consent, mail, calendar, restart [S1] [S4]', async () => {
  const [agentProgram, program] = [bundle('agent.cjs'), bundle('cli.cjs')];
  await using nats = await startTestNats();
  const entra = await startEntraProcess({ deviceCodeIntervalSeconds: 0.2, autoApproveDeviceCodesAs: 'adele' });
  await using _entra = entra.child;
  const workiq = await startWorkIqProcess(entra);
  await using _workiq = workiq.child;
  await using first = await startAgentProcess({
    busUrl: nats.url,
    program: agentProgram,
    env: agentEnvironment(entra, workiq),
    mcpConfig: { mcpServers: { workiq: { type: 'http', url: workiq.mcpUrl, auth: { profile: 'workiq' } } } },
  });
  const { version } = manifest.parse(
    JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')),
  );
  assert.ok(first.output().includes(`"version":"${version}"`));
  await using folder = await testFolder();
  const env = {
    ROCKBOT_NATS_URL: nats.url,
    HOME: folder.path,
    XDG_CONFIG_HOME: join(folder.path, 'config'),
    WorkIQ__CaFile: entra.caFile,
  };
  const rockbot = (...args: string[]): Promise<CliExit> => runCli(args, { env, program });
  const fetched = (url: string): Promise<CliExit> =>
    rockbot('tools', 'call', 'workiq', 'fetch', '--args', JSON.stringify({ entityUrls: [url] }));

  assert.equal((await rockbot('--version')).stdout.trim(), version);
  assert.equal((await fetched('/me')).code, 77, 'nobody has signed in');
  await using signIn = startCli(['auth', 'workiq', '--device-code', '--json'], { env, program });
  const { code, stdout, stderr } = await signIn.exited;
  assert.equal(code, 0, stderr);
  assert.equal(jsonLines(stdout).at(-1)?.['event'], 'connected');

  const issued = (await entra.control.secrets()).filter(({ kind }) => kind !== ('user_code' as string));
  assert.ok(issued.some(({ kind }) => kind === 'refresh_token'));
  const kept = (await filesIn(folder.path)).map(({ name, text }) => {
    assert.ok(!issued.some(({ value }) => text.includes(value)), `${name} holds a token`);
    return name;
  });
  assert.deepEqual(kept.toSorted(), ['config/rockbot/known-agents.json', 'config/rockbot/signer.nk']);

  const mail = await fetched('/me/messages?$top=5');
  assert.equal(mail.code, 0, mail.stderr);
  assert.match(mail.stdout, /Rob Young/);
  const day = 24 * 60 * 60 * 1_000;
  const range = [0, 7].map((days) => new Date(Date.now() + days * day).toISOString());
  const calendar = await fetched(`/me/calendarView?startDateTime=${range[0]}&endDateTime=${range[1]}`);
  assert.equal(calendar.code, 0, calendar.stderr);
  assert.match(calendar.stdout, /Stand-up/);

  await using second = await first.restart();
  await until('it is connected with what it stored', async () => (await fetched('/me')).code === 0, {
    timeoutMs: 60_000,
  });
  assert.equal((await rockbot('doctor')).code, 0);
  assert.equal(await second.child.stop(), 0);
});
