// rockbot patrols as child processes against a stand-in agent on a real bus: what people read, what programs read, exit codes.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { AgentStandInOptions } from '../support/agent-stand-in.ts';
import { jsonLines, runCli, startCli, type CliExit } from '../support/cli.ts';
import { cliScenes, type CliScene } from '../support/cli-scene.ts';
import { startStack } from '../support/stack.ts';
import { blindRun, listedPatrol, patrolRun, someMail, stepRecord } from '../support/patrol-samples.ts';
import { until } from '../support/until.ts';

const scenes = cliScenes('patrols');
const scene = (content: AgentStandInOptions['content'] = {}): Promise<CliScene> => scenes.open({ content });

describe('rockbot patrols list', () => {
  test('[P12] patrols list - next run in the own time zone, last outcome, what was not seen, what is wrong', async () => {
    const patrols = [
      listedPatrol(),
      listedPatrol({ name: 'evening', lastRun: blindRun(), awaitsSignIn: true }),
      // A record that calls itself well although it names what it did not see.
      listedPatrol({ name: 'liar', lastRun: blindRun({ status: 'ok' }) }),
      listedPatrol({
        name: 'bad',
        valid: false,
        problems: ['line 12, steps[0].when: there is no function "foo"\u001b[2J'],
        lastRun: undefined,
        nextRunAt: undefined,
      }),
      listedPatrol({ name: 'off', enabled: false, nextRunAt: undefined }),
    ];
    await using at = await scene({ patrolList: () => ({ patrols, problems: ['line 3: a comma is missing'] }) });
    const { code, stdout } = await at.run('patrols', 'list');
    assert.equal(code, 0);
    assert.match(stdout, /^✔ morning +2 Mar 2027 07:45 CET +1 Mar 2027 07:45 +complete$/m);
    assert.match(
      stdout,
      /^▲ evening .* blind: calendar\n +could not see calendar \(sign-in is needed\)\n +runs once after/m,
    );
    assert.match(stdout, /^▲ liar .* blind: calendar$/m);
    assert.match(stdout, /^✖ bad +stopped +never +invalid\n +line 12, steps\[0\]\.when: there is no function "foo"/m);
    assert.match(stdout, /^○ off +disabled /m);
    assert.match(stdout, /line 3: a comma is missing/);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout, /\u001b/);
    const [json] = jsonLines((await at.run('patrols', 'list', '--json')).stdout);
    assert.deepEqual(json, {
      ok: true,
      patrols: JSON.parse(JSON.stringify(patrols)),
      problems: ['line 3: a comma is missing'],
    });
  });

  test('patrols list - none yet is said, and an agent that is not there has its exit code', async () => {
    await using at = await scene();
    assert.match((await at.run('patrols', 'list')).stdout, /has no patrols yet/);
    const gone = await runCli(['patrols', 'list'], { env: { ...at.env, ROCKBOT_AGENT: 'nobody' } });
    assert.equal(gone.code, 69);
  });
});

describe('rockbot patrols history', () => {
  const whole = patrolRun({ steps: [stepRecord({ result: someMail })] });
  const history: AgentStandInOptions['content'] = {
    patrolHistory: ({ runId, patrol, limit }) => ({
      runs: [blindRun(), whole]
        .filter(
          (run) => (runId === undefined || run.runId === runId) && (patrol === undefined || run.patrol === patrol),
        )
        .slice(0, limit),
    }),
  };

  test('patrols history - runs newest first with their first lines; a name and a limit narrow it down', async () => {
    await using at = await scene(history);
    const { stdout } = await at.run('patrols', 'history');
    const [first, second] = stdout.split('\n');
    assert.match(first ?? '', /^▲ .* morning {2}20270301T074500Z-0123456789ac {2}Blind: could not see calendar/);
    assert.match(second ?? '', /^✔ .* Complete: 1 step with 1 call\.$/);
    assert.equal((await at.run('patrols', 'history', '--limit', '1')).stdout.trim().split('\n').length, 1);
    assert.match((await at.run('patrols', 'history', 'other')).stdout, /other has not run yet/);
    assert.equal((await at.run('patrols', 'history', '--limit', '0')).code, 2);
  });

  test('[P12] patrols history --run - a story: what was not seen first, steps, output; results when asked for', async () => {
    await using at = await scene(history);
    const { code, stdout } = await at.run('patrols', 'history', '--run', blindRun().runId);
    assert.equal(code, 0);
    const [first = ''] = stdout.split('\n');
    assert.equal(first, '▲ Blind: could not see calendar (sign-in is needed). Saw: workiq.');
    assert.match(stdout, /^Not seen\n {2}▲ calendar {2}sign-in is needed \(step today\) \[auth_required\]$/m);
    assert.match(
      stdout,
      /^ {2}✔ mail +workiq fetch +ok, 1\.2 s\n {2}▲ today +calendar list_events +not seen, not called\n +The sign-in has ended\.$/m,
    );
    assert.match(stdout, /^Output\n {2}Unread, at most 25: 1\n {2}\(not seen: today\)$/m);
    assert.doesNotMatch((await at.run('patrols', 'history', '--run', whole.runId)).stdout, /Quarterly/);
    assert.match(
      (await at.run('patrols', 'history', '--run', whole.runId, '--results')).stdout,
      /Result of mail\n.*Quarterly numbers/,
    );
    const json = jsonLines((await at.run('patrols', 'history', '--run', whole.runId, '--json')).stdout);
    assert.deepEqual(json, [{ ok: true, runs: [JSON.parse(JSON.stringify(whole))] }]);
    assert.match((await at.run('patrols', 'history', '--run', 'gone')).stderr, /no record of a run "gone"/);
    assert.match((await at.run('patrols', 'history', '--run', '../x')).stderr, /no record/);
  });
});

describe('rockbot patrols run', () => {
  /** Starts at once and ends as told a moment later. */
  async function runScene(end: Partial<PatrolRun>, { isTold = true } = {}): Promise<CliScene> {
    const records = new Map<string, PatrolRun>();
    const at = await scene({
      patrolRunNow: ({ runId = '', patrol, action }) => {
        const running = patrolRun({
          runId,
          patrol,
          trigger: 'manual',
          status: 'running',
          summary: 'Running.',
          steps: [],
        });
        if (action === 'cancel') {
          const first = records.get(runId);
          if (first !== undefined)
            finish(first.runId, { status: 'cancelled', summary: 'Cancelled: it did not see everything.' });
          return { run: running };
        }
        records.set(runId, running);
        if (end.status !== 'running') setTimeout(() => finish(runId, end), 100);
        return { run: running };
      },
      patrolHistory: ({ runId = '' }) => ({ runs: [records.get(runId)].filter((run) => run !== undefined) }),
    });
    function finish(runId: string, how: Partial<PatrolRun>): void {
      const run = patrolRun({ runId, trigger: 'manual', ...how });
      records.set(runId, run);
      if (isTold) void at.agent.publish('patrolChanged', { run, patrols: ['morning'] });
    }
    return at;
  }

  const blind = blindRun();
  const failed = { status: 'failed', summary: 'Failed: it could not.' } as const;
  const wireError = (code: string) => ({ code, message: 'No.', retryable: false });
  for (const [what, end, code] of [
    ['saw everything', {}, 0],
    ['was blind for want of a sign-in', { ...blind, runId: undefined }, 77],
    [
      'was blind for another reason',
      { status: 'blind', blind: [{ server: 'x', code: 'server_unavailable', reason: 'server unavailable' }] },
      1,
    ],
    ['calls itself well and was blind', { status: 'ok', blind: blind.blind }, 77],
    ['failed', { ...failed, error: wireError('throttled') }, 1],
    ['failed for want of a sign-in', { ...failed, error: wireError('auth_required') }, 77],
    ['saw everything and could not say it', { status: 'ok', outputProblems: ['line 1: ${x}: no'] }, 1],
    ['was cancelled by somebody', { status: 'cancelled', summary: 'Cancelled.' }, 130],
    ['was interrupted', { status: 'interrupted', summary: 'Interrupted.' }, 1],
    ['ended in a way that is not known here', { status: 'dreaming' }, 1],
  ] as [string, Partial<PatrolRun>, number][]) {
    test(`[P12] patrols run - one that ${what} exits with ${code}`, async () => {
      const { runId: _, ...rest } = end;
      await using at = await runScene(rest);
      assert.equal((await at.run('patrols', 'run', 'morning')).code, code);
    });
  }

  test('patrols run - its end is noticed although nobody told of it, and its record is JSON on one line', async () => {
    await using at = await runScene({ summary: 'Complete: all of it.' }, { isTold: false });
    const { code, stdout } = await at.run('patrols', 'run', 'morning', '--json');
    assert.equal(code, 0);
    const [{ ok, run } = {}] = jsonLines(stdout) as { ok?: boolean; run?: PatrolRun }[];
    assert.deepEqual([ok, run?.summary], [true, 'Complete: all of it.']);
  });

  test('patrols run --no-wait - only starts it; a wait that is too long for --timeout says how to look later', async () => {
    await using at = await runScene({ status: 'running' });
    const started = await at.run('patrols', 'run', 'morning', '--no-wait');
    assert.deepEqual([started.code, /^… Running\.$/m.test(started.stdout)], [0, true]);
    const late = await at.run('patrols', 'run', 'morning', '--timeout', '1');
    assert.equal(late.code, 1);
    assert.match(late.stderr, /still runs[\s\S]*patrols history morning/);
  });

  test('patrols run - Ctrl-C cancels it on the agent and shows what became of it', async () => {
    await using at = await runScene({ status: 'running' });
    await using cli = startCli(['patrols', 'run', 'morning'], { env: at.env });
    await until('it has started', () => at.agent.sources.length > 0);
    cli.signal('SIGINT');
    const { code, stdout } = await cli.exited;
    assert.equal(code, 130);
    assert.match(stdout, /Cancelled: it did not see everything\./);
  });

  test('patrols run - a name that there is not is the answer of the agent', async () => {
    await using at = await scene();
    const { code, stderr } = await at.run('patrols', 'run', 'nothing');
    assert.equal(code, 1);
    assert.match(stderr, /There is no patrol "nothing"/);
  });
});

describe('rockbot patrols validate', () => {
  const good =
    '{ "patrols": { "a": { "schedule": { "cron": "0 8 * * *" }, "steps": [{ "server": "s", "tool": "t" }] } } }';

  test('patrols validate <file> - without agent and bus: every problem with file and line, exit code 78', async () => {
    const file = join(scenes.folder.path, 'patrols.json');
    const env = { HOME: scenes.folder.path, ROCKBOT_NATS_URL: 'ws://127.0.0.1:1' };
    await writeFile(file, good);
    const fine = await runCli(['patrols', 'validate', file], { env });
    assert.deepEqual([fine.code, fine.stdout.trim()], [0, `✔ ${file}: 1 patrol, no problems.`]);
    await writeFile(
      file,
      `{\n  "patrols": {\n    "a": {\n      "schedule": { "cron": "0 8 31 2 *" },\n      "steps": [\n        { "server": "s", "tool": "t", "when": "\${nowhere()}" }\n      ]\n    }\n  }\n}`,
    );
    const { code, stdout } = await runCli(['patrols', 'validate', file], { env });
    assert.equal(code, 78);
    assert.match(stdout, new RegExp(`^✖ ${file}:4: a schedule\\.cron: `, 'm'));
    assert.match(stdout, new RegExp(`^✖ ${file}:6: a steps\\[0\\]\\.when: `, 'm'));
    const [json] = jsonLines((await runCli(['patrols', 'validate', file, '--json'], { env })).stdout);
    assert.deepEqual([json?.['ok'], json?.['valid']], [true, false]);
    assert.equal((json?.['problems'] as object[] | undefined)?.length, 2);
    await writeFile(file, '{ "patrols": {\n "a": }');
    const broken = await runCli(['patrols', 'validate', file], { env });
    assert.equal(broken.code, 78);
    assert.match(broken.stdout, new RegExp(`${file}:2: `));
    const absent = await runCli(['patrols', 'validate', join(scenes.folder.path, 'absent.json')], { env });
    assert.equal(absent.code, 78);
    assert.match(absent.stderr, /cannot be read \(ENOENT\)/);
  });

  test('patrols validate - without a file: what the agent says of its own', async () => {
    const bad = listedPatrol({ name: 'bad', valid: false, problems: ['line 12, steps[0]: no'] });
    let patrols = [bad];
    await using at = await scene({ patrolList: () => ({ patrols, problems: [] }) });
    const { code, stdout } = await at.run('patrols', 'validate');
    assert.equal(code, 78);
    assert.match(stdout, /^✖ bad: line 12, steps\[0\]: no$/m);
    patrols = [listedPatrol()];
    assert.equal((await at.run('patrols', 'validate')).code, 0);
  });
});

test('[P12] rockbot patrols - with a real agent: listed, run, told, and blind once the sign-in is revoked', async () => {
  await using stack = await startStack();
  await stack.connect();
  const env = { ROCKBOT_NATS_URL: stack.nats.url, HOME: scenes.folder.path, XDG_CONFIG_HOME: scenes.folder.path };
  const cli = (...args: string[]): Promise<CliExit> => runCli(args, { env });
  const mail = { id: 'mail', server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me/messages?$top=5'] } };
  const output = 'Mails: ${length(steps.mail.result.results[0].data.value)}';
  const unread = { schedule: { cron: '0 8 * * 1-5', timeZone: 'Europe/Berlin' }, steps: [mail], output };
  const file = join(stack.agent.dataDir, 'patrols.json');
  await writeFile(file, JSON.stringify({ patrols: { unread, wrong: { ...unread, steps: [] } } }));
  await until('the agent has them', async () => /unread/.test((await cli('patrols', 'list')).stdout));
  const listed = await cli('patrols', 'list');
  assert.match(listed.stdout, /^○ unread +.+ CES?T +never$/m);
  assert.match(listed.stdout, /^✖ wrong +stopped +never +invalid\n +line 1, steps: has no step$/m);
  assert.equal((await cli('patrols', 'validate')).code, 78);

  const run = await cli('patrols', 'run', 'unread', '--results');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /^✔ Complete: 1 step with 1 call\.$/m);
  assert.match(run.stdout, /^Output\n {2}Mails: 5$/m);
  assert.match(run.stdout, /Budget review moved to Thursday/);

  await stack.entra.control.revokeRefreshTokens();
  await stack.entra.control.revokeAccessTokens();
  const blind = await cli('patrols', 'run', 'unread');
  assert.equal(blind.code, 77);
  assert.match(blind.stdout, /^▲ Blind: could not see workiq \(sign-in is needed\)/);
  assert.match(blind.stdout, /\(not seen: mail\)/);
  assert.match((await cli('patrols', 'list')).stdout, /^▲ unread .* blind: workiq$/m);
  const [newest = '', older = ''] = (await cli('patrols', 'history', 'unread')).stdout.split('\n');
  assert.match(newest, /^▲ .* Blind: /);
  assert.match(older, /^✔ .* Complete: /);
});
