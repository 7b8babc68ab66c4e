// The alert rules for operators: they parse, they ask only for metrics and labels that the agent has, and each says what to do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';
import { createMetrics } from '../../agent/metrics.ts';
import { runStatuses } from '../../shared/contract/patrol-messages.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';

const path = new URL('../../deploy/prometheus/rockbot.rules.yaml', import.meta.url).pathname;

const ruleSchema = z.strictObject({
  alert: z.string().regex(/^RockBot[A-Za-z]+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[mhd]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
  annotations: z.strictObject({ summary: z.string().min(20), description: z.string().min(60) }),
});
const fileSchema = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema).min(1) })).min(1),
});

const { groups } = fileSchema.parse(parse(readFileSync(path, 'utf8')));
const rules = groups.flatMap((group) => group.rules);

/** Labels that Prometheus adds to whatever it scrapes, and its own metric of the scrape. */
const scrapeLabels = new Set(['job', 'instance']);
const ownMetrics = new Set(['up']);

/** Label values by label by metric, as the agent can have them. */
const known = new Map<string, Map<string, Set<string>>>();

before(async () => {
  const metrics = createMetrics('1.2.3');
  metrics.authStatus('connected');
  metrics.busConnected(true);
  metrics.refreshFinished('failed');
  metrics.callFinished({ server: 'a', tool: 'b', outcome: 'guard_denied', seconds: 1 });
  metrics.callRetried({ server: 'a', reason: 'throttled' });
  const at = '2026-03-01T08:00:00.000Z';
  metrics.readFrom({
    servers: () => [{ name: 'a', state: 'ready', limits: { running: 0, waiting: 0, callsToday: 1, callsPerDay: 2 } }],
    knows: () => true,
    auth: () => ({
      accessTokenExpiresAt: at,
      lastRefreshAt: at,
      endsAt: { at, cause: 'idle', soon: true, message: '' },
    }),
    patrols: () => ({
      isFileValid: true,
      patrols: [{ name: 'p', isValid: true, nextRunAt: at, lastOkAt: at, addedAt: at, verdict: 'ok' }],
    }),
  });
  for (const status of runStatuses) metrics.patrolEnded({ patrol: 'p', status, count: 1 });
  for (const { name, labels } of parsePrometheusText(await metrics.text()).samples) {
    const ofMetric = known.get(name) ?? new Map<string, Set<string>>();
    known.set(name, ofMetric);
    for (const [label, value] of Object.entries(labels))
      ofMetric.set(label, (ofMetric.get(label) ?? new Set()).add(value));
  }
});

interface Selector {
  metric: string;
  matchers: { label: string; values: string[] }[];
}

function selectorsOf(expr: string): Selector[] {
  return [...expr.matchAll(/\b(rockbot_\w+|process_\w+|nodejs_\w+|up)\b(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', inside = '']) => ({
      metric,
      matchers: [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].map(([, label = '', value = '']) => ({
        label,
        values: value.split('|'),
      })),
    }),
  );
}

describe('alert rules', () => {
  test('alert rules - every one has a name of its own', () => {
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  });

  for (const { alert, expr, annotations } of rules) {
    test(`alert rules - ${alert} asks for metrics, labels and values that the agent has`, () => {
      const selectors = selectorsOf(expr);
      assert.ok(selectors.length > 0, expr);
      for (const { metric, matchers } of selectors) {
        if (ownMetrics.has(metric)) continue;
        const labels = known.get(metric);
        assert.ok(labels !== undefined, `${metric} is no metric of the agent`);
        for (const { label, values } of matchers) {
          if (scrapeLabels.has(label)) continue;
          for (const value of values) assert.ok(labels.get(label)?.has(value), `${metric}{${label}="${value}"}`);
        }
      }
      for (const [, list = ''] of expr.matchAll(/\b(?:on|by|ignoring|without)\s*\(([^)]*)\)/g))
        for (const label of list.split(',')) assert.ok(scrapeLabels.has(label.trim()), label);
    });

    test(`alert rules - ${alert} says what it is about and what to do`, () => {
      const labels = new Set(selectorsOf(expr).flatMap(({ metric }) => [...(known.get(metric)?.keys() ?? [])]));
      for (const text of Object.values(annotations)) {
        assert.match(text, /^["A-Z{].*[.]$/s, text);
        for (const [, label = ''] of text.matchAll(/\{\{ \$labels\.(\w+) \}\}/g))
          assert.ok(labels.has(label) || scrapeLabels.has(label), `${label} in ${text}`);
      }
      assert.match(annotations.description, /rockbot |Check|Look|GET|Make|Raise|Find|Sign in/, 'names a step');
    });
  }

  test('alert rules - what an operator has to hear of has a rule', () => {
    const asked = new Set(rules.flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric)));
    for (const metric of [
      'up',
      'rockbot_auth_status',
      'rockbot_auth_ending_soon',
      'rockbot_bus_connected',
      'rockbot_volume_writable',
      'rockbot_server_state',
      'rockbot_call_budget_used',
      'rockbot_audit_lines_lost_total',
      'rockbot_patrol_last_run_status',
      'rockbot_patrol_valid',
      'rockbot_patrols_file_valid',
      'rockbot_patrol_last_success_timestamp_seconds',
      'rockbot_webhook_deliveries_total',
      'rockbot_hand_offs_total',
    ])
      assert.ok(asked.has(metric), metric);
  });

  test('alert rules - promtool takes them', (t) => {
    const program = process.env['PROMTOOL'] ?? 'promtool';
    const found = spawnSync(program, ['check', 'rules', path], { encoding: 'utf8' });
    if (found.error !== undefined) {
      t.skip(`promtool is not on this machine (${(found.error as NodeJS.ErrnoException).code})`);
      return;
    }
    assert.equal(found.status, 0, found.stdout + found.stderr);
  });
});
