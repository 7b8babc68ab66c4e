// The agent is killed at random instants while its patrols send mail: no mail is sent twice, every run that was acknowledged has
// its record, and none is left open.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'node:test';
import { startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const kills = Number(process.env['ROCKBOT_CHAOS_PATROL_KILLS'] ?? 20);
/** Milliseconds; a run takes some tens of them. */
const longestLifeMs = 400;
const names = ['first', 'second', 'third'];

test(`patrols - killed at ${kills} instants, nothing is sent twice and no run is lost or left open [P1, P10]`, async () => {
  await using stack = await startStack({ workiq: { mutations: 'allowed' }, agentEnv: { Log__Level: 'info' } });
  const send = (part: string) => ({
    server: 'workiq',
    tool: 'do_action',
    arguments: {
      actionUrl: '/me/sendMail',
      jsonBody: {
        message: {
          subject: `\${run.id} ${part}`,
          toRecipients: [{ emailAddress: { address: 'rob@contoso.example' } }],
        },
      },
    },
  });
  const patrol = { schedule: { cron: '0 0 29 2 *' }, guards: 'full', steps: [send('one'), send('two')] };
  await writeFile(
    join(stack.agent.dataDir, 'patrols.json'),
    JSON.stringify({ patrols: Object.fromEntries(names.map((name) => [name, patrol])) }),
  );
  await stack.connect();
  const acknowledged = new Map<string, string>();
  let count = 0;
  for (let round = 0; round < kills; round++) {
    await until('patrols can run', async () => {
      const { patrols } = await stack.ui.request('patrolList', {});
      const { servers } = await stack.ui.request('toolList', {});
      return patrols.length === names.length && servers[0]?.state === 'ready';
    });
    const killed = new AbortController();
    const runAgain = async (name: string): Promise<void> => {
      while (!killed.signal.aborted) {
        const runId = `${name}-${count++}`;
        await stack.ui
          .request('patrolRunNow', { patrol: name, runId }, { signal: killed.signal })
          .then(() => acknowledged.set(runId, name))
          .catch(() => delay(5));
      }
    };
    const running = names.map(runAgain);
    await delay(Math.random() * longestLifeMs);
    stack.agent.child.kill('SIGKILL');
    await stack.agent.child.exited;
    killed.abort();
    await Promise.all(running);
    await stack.restartAgent();
  }
  const { runs } = await until('patrols are back', async () => {
    const history = await stack.ui.request('patrolHistory', { limit: 500 });
    return history.runs.length > 0 ? history : undefined;
  });
  const byId = new Map(runs.map((run) => [run.runId, run]));
  assert.deepEqual(
    runs.filter(({ status }) => status === 'running').map(({ runId }) => runId),
    [],
  );
  // Older records go where a patrol has more than 200.
  for (const [runId, name] of acknowledged)
    if (runs.filter((run) => run.patrol === name).length < 150) assert.equal(byId.get(runId)?.patrol, name, runId);
  const { mailsSent } = await stack.workiq.control.snapshot();
  assert.equal(new Set(mailsSent).size, mailsSent.length, 'a mail was sent twice');
  for (const { runId, status } of runs.filter((run) => run.status === 'ok'))
    assert.ok(mailsSent.includes(`${runId} two`), `${runId} is ${status} and sent nothing`);
  const interrupted = runs.filter(({ status }) => status === 'interrupted').length;
  assert.ok(interrupted > 0, 'no kill hit a run; they say little');
  const files = await readdir(join(stack.agent.dataDir, 'patrols'));
  assert.deepEqual(
    files.filter((file) => /unusable|\.tmp$/.test(file)),
    [],
  );
  process.stdout.write(
    `# ${acknowledged.size} runs acknowledged, ${interrupted} interrupted, ${mailsSent.length} mails\n`,
  );
});
