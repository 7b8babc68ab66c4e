// The alert rules about patrols, evaluated on what the agent's /metrics says while patrols run: they fire, and they resolve.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';
import { createMetrics } from '../../agent/metrics.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { openPatrolDesk, toolResult, type PatrolDesk, type PatrolDeskOptions } from '../support/patrol-desk.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { evaluatePromql } from '../support/promql.ts';

const path = new URL('../../deploy/prometheus/rockbot.rules.yaml', import.meta.url).pathname;
const fileSchema = z.object({
  groups: z.array(z.object({ name: z.string(), rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const rules = fileSchema
  .parse(parse(readFileSync(path, 'utf8')))
  .groups.filter(({ name }) => name === 'rockbot-patrols')
  .flatMap((group) => group.rules);

const dayMs = 86_400_000;
const daily = { schedule: { cron: '0 8 * * *' }, steps: [{ id: 'a', server: 'a', tool: 'read' }] };

async function openWatched(options: PatrolDeskOptions) {
  const metrics = createMetrics('1.2.3');
  let desk: PatrolDesk | undefined = undefined as PatrolDesk | undefined;
  metrics.readFrom({
    servers: () => [],
    knows: () => false,
    auth: () => ({}),
    patrols: () => desk?.patrols.facts(),
  });
  desk = await openPatrolDesk({ ...options, options: { onEnd: metrics.patrolEnded } });
  const opened = desk;
  return {
    desk: opened,
    /** Alerts that fire by now, without their `for`, each with what it is about. */
    async alerts(): Promise<string[]> {
      const { samples } = parsePrometheusText(await metrics.text());
      return rules
        .flatMap(({ alert, expr }) => {
          const found = evaluatePromql(expr, samples, opened.clock.now() / 1000);
          assert.ok(typeof found !== 'number', `${alert} gives a vector`);
          return found.map(({ labels }) => [alert, labels['patrol']].filter(Boolean).join(' '));
        })
        .sort();
    },
  };
}

const refused = async (): Promise<never> => {
  throw new RockBotError({ code: 'auth_required', message: 'Sign in.', action: 'Sign in.' });
};
const broken = async (): Promise<never> => {
  throw new RockBotError({ code: 'execution_failed', message: 'No.', action: 'Mend it.' });
};
const well = async () => toolResult([]);

describe('patrol alerts', () => {
  test('patrol alerts - blind and failing resolve with the next run that is fine, also when it comes at once', async () => {
    const { desk, alerts } = await openWatched({ patrols: { p: daily, other: daily } });
    assert.deepEqual(await alerts(), [], 'one that has not run yet is no trouble');
    desk.answer = refused;
    await desk.run('p');
    assert.deepEqual(await alerts(), ['RockBotPatrolBlind p']);
    desk.answer = broken;
    await desk.run('p');
    assert.deepEqual(await alerts(), ['RockBotPatrolFailing p']);
    desk.answer = well;
    await desk.run('p');
    assert.deepEqual(await alerts(), []);
  });

  test('patrol alerts - a run that is cancelled, a skipped one and a restart do not hide that the last one was blind', async () => {
    const first = await openWatched({ patrols: { p: daily } });
    first.desk.answer = refused;
    await first.desk.run('p');
    first.desk.answer = async (_call, { signal }) => {
      await first.desk.clock.sleep(60_000, signal);
      return toolResult([]);
    };
    await first.desk.patrols.run('p');
    first.desk.patrols.cancel('p');
    await first.desk.clock.settle();
    assert.equal(first.desk.lastRun('p')?.status, 'cancelled');
    assert.deepEqual(await first.alerts(), ['RockBotPatrolBlind p']);
    await first.desk.patrols.close();
    const { desk, alerts } = await openWatched({
      volume: first.desk.volume,
      start: first.desk.clock.now() + 2 * dayMs,
      patrols: { p: daily },
    });
    assert.equal(desk.lastRun('p')?.skipped?.reason, 'missed');
    assert.deepEqual(await alerts(), ['RockBotPatrolBlind p']);
    await desk.run('p');
    assert.deepEqual(await alerts(), []);
  });

  test('patrol alerts - what an older version kept does not say how the last run ended: its record does', async () => {
    const first = await openWatched({ patrols: { p: daily } });
    first.desk.answer = refused;
    await first.desk.run('p');
    await first.desk.patrols.close();
    const { volume } = first.desk;
    const kept = z
      .object({ patrols: z.array(z.looseObject({ verdict: z.string(), addedAt: z.string() })) })
      .loose()
      .parse(JSON.parse(volume.get('state.json') ?? ''));
    const patrols = kept.patrols.map(({ verdict: _verdict, addedAt: _addedAt, ...older }) => older);
    volume.set('state.json', JSON.stringify({ ...kept, patrols }));
    const { alerts, desk } = await openWatched({ volume, start: first.desk.clock.now(), patrols: { p: daily } });
    assert.deepEqual(await alerts(), ['RockBotPatrolBlind p']);
    assert.equal(desk.patrols.facts().patrols[0]?.addedAt, new Date(desk.clock.now()).toISOString());
  });

  test('patrol alerts - a patrol that never succeeded is told of a week after it was added, over restarts, a disabled one never', async () => {
    const patrols = { p: daily, off: { ...daily, enabled: false }, fine: daily };
    const first = await openWatched({ patrols });
    first.desk.answer = async ({ patrol }) => (patrol === 'p' ? broken() : well());
    await first.desk.clock.runUntil(first.desk.clock.now() + 6 * dayMs);
    assert.deepEqual(await first.alerts(), ['RockBotPatrolFailing p']);
    await first.desk.patrols.close();
    const { desk, alerts } = await openWatched({
      volume: first.desk.volume,
      start: first.desk.clock.now(),
      patrols,
    });
    desk.answer = first.desk.answer;
    await desk.clock.runUntil(desk.clock.now() + 2 * dayMs);
    assert.deepEqual(await alerts(), ['RockBotPatrolFailing p', 'RockBotPatrolWithoutSuccess p']);
    desk.answer = well;
    await desk.run('p');
    assert.deepEqual(await alerts(), []);
  });

  test('patrol alerts - a patrol with a problem, and a file that cannot be used, until they are corrected', async () => {
    const { desk, alerts } = await openWatched({ patrols: { p: daily } });
    await desk.write({ p: { ...daily, steps: [] }, q: daily });
    assert.deepEqual(await alerts(), ['RockBotPatrolInvalid p']);
    await desk.write({ p: daily, q: daily });
    assert.deepEqual(await alerts(), []);
    await desk.patrols.configure('{ "patrols": ');
    assert.deepEqual(await alerts(), ['RockBotPatrolsFileInvalid']);
    desk.patrols.unreadable('EACCES');
    assert.deepEqual(await alerts(), ['RockBotPatrolsFileInvalid']);
    await desk.write({ p: daily });
    assert.deepEqual(await alerts(), []);
  });
});
