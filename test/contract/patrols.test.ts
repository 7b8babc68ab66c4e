// Patrols on the wire: the replies and the event, held against literals.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { assertGolden } from './golden.ts';

describe('wire of patrols', () => {
  let stack: Stack;
  let tap: BusTap;

  before(async () => {
    stack = await startStack();
    tap = await tapBus(stack.nats.url);
    const schedule = { cron: '0 8 29 2 *', timeZone: 'Europe/Berlin' };
    const steps = [
      { id: 'me', server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me?$select=displayName'] } },
    ];
    const patrols = {
      morning: {
        description: 'For the wire.',
        schedule,
        catchUp: true,
        steps,
        output: ['Seen: ${steps.me.ok}', '${steps.me.result}'],
      },
      wrong: { schedule, steps: [] },
    };
    await writeFile(join(stack.agent.dataDir, 'patrols.json'), JSON.stringify({ patrols }));
    await until('they are listed', async () => (await stack.ui.request('patrolList', {})).patrols.length === 2);
  });

  after(async () => {
    await tap[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
  });

  const run = async (runId: string): Promise<void> => {
    const started = await tap.request('patrol.rockbot.run', { patrol: 'morning', runId });
    await assertGolden('patrol.run', started.json);
    await until('it has ended', () =>
      tap.messages.some(
        ({ subject, text }) =>
          subject === 'patrol.rockbot.changed' && text.includes(`"${runId}"`) && /"status":"(?:ok|blind)"/.test(text),
      ),
    );
  };

  test('wire of patrols - blind, listed, and then one that saw everything', async () => {
    await run('run-1');
    await assertGolden('patrol.list', (await tap.request('patrol.rockbot.list', {})).json);
    await assertGolden('patrol.history-blind', (await tap.request('patrol.rockbot.history', { runId: 'run-1' })).json);
    await stack.connect();
    await until('it was caught up', async () => {
      const { runs } = await stack.ui.request('patrolHistory', {});
      return runs.some(({ trigger, status }) => trigger === 'catchUp' && status === 'ok');
    });
    const { json } = await tap.request('patrol.rockbot.run', { patrol: 'morning', runId: 'run-2' });
    assert.equal(json['ok'], true);
    const ended = await until('it has ended', () =>
      tap.messages.find(
        ({ subject, text }) =>
          subject === 'patrol.rockbot.changed' && text.includes('"run-2"') && text.includes('"status":"ok"'),
      ),
    );
    await assertGolden('patrol.changed.event', { headers: ended.headers, payload: JSON.parse(ended.text) });
    await assertGolden('patrol.history', (await tap.request('patrol.rockbot.history', { runId: 'run-2' })).json);
    await assertGolden('patrol.unknown', (await tap.request('patrol.rockbot.run', { patrol: 'nobody' })).json);
  });
});
