// docs/operations.md and docs/security.md: all that can go wrong is in them, what they name exists, and their commands do what they say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod';
import { loadAgentKey } from '../../agent/auth/agent-key.ts';
import { CacheKeyError, type CacheEnvelope } from '../../agent/auth/cache-envelope.ts';
import { CacheStore } from '../../agent/auth/cache-store.ts';
import { storeWithoutConnection } from '../../agent/auth/store-connection.ts';
import { createMetrics } from '../../agent/metrics.ts';
import { agentKeyFingerprint } from '../../extension/consent/agent-key.ts';
import { systemClock } from '../../shared/clock.ts';
import type { EntraFailureKind } from '../../shared/entra-failure.ts';
import { knownCodes } from '../../shared/entra-known-codes.ts';
import { errorCodes, errorReasons, refusalReasons } from '../../shared/errors/error-code.ts';
import { anchorsOf, blocksOf, linksOf, rowsOf, sectionOf } from '../support/markdown-page.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const operations = read('docs/operations.md');
const security = read('docs/security.md');
const bothPages = `${operations}\n${security}`;
const numbersIn = (text: string): string[] => [...text.matchAll(/AADSTS(\d{4,8})/g)].map(([, number = '']) => number);

const folder = mkdtempSync(join(tmpdir(), 'rockbot-operations-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

function filesUnder(path: string, end: string): string[] {
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => join(path, name));
}

/** Runs the program of the first `node -e '…'` that a block of the page has, on a file in place of that of the pod. */
function runFromPage(
  heading: string,
  { holds, path, file, args = [] }: Record<'holds' | 'path' | 'file', string> & { args?: string[] },
): string {
  const block = blocksOf(sectionOf(operations, heading)).find((text) => text.includes(holds)) ?? assert.fail(holds);
  const [, program = ''] = /node -e '([\s\S]*?)'/.exec(block) ?? assert.fail(block);
  assert.ok(program.includes(path), program);
  const ran = spawnSync(
    process.execPath,
    ['-e', program.replaceAll(JSON.stringify(path), JSON.stringify(file)), ...args],
    { encoding: 'utf8' },
  );
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout.trim();
}

test('operations - every error code and every reason of a refused hand-off has cause, effect and repair, and no other has', () => {
  const codes = rowsOf(sectionOf(operations, 'Error codes'));
  assert.deepEqual(
    codes.map(([code]) => code),
    errorCodes.map((code) => `\`${code}\``),
  );
  const reasons = rowsOf(sectionOf(operations, 'Hand-off refusals'));
  assert.deepEqual(
    reasons.map(([reason]) => reason),
    refusalReasons.map((reason) => `\`${reason}\``),
  );
  for (const row of [...codes, ...reasons]) for (const cell of row) assert.notEqual(cell, '', row[0]);
  for (const reason of errorReasons) assert.ok(operations.includes(`\`${reason}\``), reason);
});

test('operations - every number of Entra that the code knows stands once, under what it means for whoever repairs it', () => {
  const headings: Record<EntraFailureKind, string> = {
    sign_in: 'A person signs in again',
    consent: 'Consent is missing',
    admin: 'An administrator or the operator acts',
    transient: 'It passes by itself',
  };
  for (const [kind, heading] of Object.entries(headings)) {
    const rows = rowsOf(sectionOf(operations, heading));
    const known = Object.keys(knownCodes).filter((number) => knownCodes[number]?.kind === kind);
    assert.deepEqual(rows.flatMap(([number]) => numbersIn(number ?? '')).toSorted(), known.toSorted(), heading);
    for (const [number, cause] of rows) assert.notEqual(cause, '', number);
  }
});

test('operations - no page and no source names a number of Entra that is not explained', () => {
  const explained = new Set(rowsOf(operations).flatMap(([number]) => numbersIn(number ?? '')));
  // Said to be never shown.
  explained.add('70016');
  const places = [
    ...filesUnder('docs', '.md'),
    ...['agent', 'shared', 'extension'].flatMap((path) => filesUnder(path, '.ts')),
  ];
  for (const place of places)
    for (const number of numbersIn(read(place))) assert.ok(explained.has(number), `AADSTS${number} in ${place}`);
});

test('operations - every alert has its section, every section its alert, and a runbook_url leads to it', () => {
  const file = z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ alert: z.string(), annotations: z.record(z.string(), z.string()) })) }),
    ),
  });
  const rules = file.parse(parse(read('deploy/prometheus/rockbot.rules.yaml'))).groups.flatMap((group) => group.rules);
  const sections = [...sectionOf(operations, 'Alerts').matchAll(/^### (.+)$/gm)].map(([, name]) => name);
  assert.deepEqual(
    sections,
    rules.map(({ alert }) => alert),
  );
  const anchors = anchorsOf(operations);
  for (const { alert, annotations } of rules) {
    assert.ok(anchors.has(alert.toLowerCase()), alert);
    const { runbook_url: url } = annotations;
    if (url !== undefined) assert.ok(url.endsWith(`docs/operations.md#${alert.toLowerCase()}`), url);
  }
  for (const [, name = ''] of bothPages.matchAll(/\b(RockBot[A-Z]\w+)/g)) assert.ok(sections.includes(name), name);
});

test('operations - every metric that a page names is one of the agent', async () => {
  const text = await createMetrics('1.2.3').text();
  const metrics = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name));
  // On Linux alone.
  metrics.add('process_open_fds');
  const found = filesUnder('docs', '.md').flatMap((place) =>
    [...read(place).matchAll(/`(?:\w+\()?((?:rockbot|process|nodejs)_\w+)(?:[{[][^`]*)?`/g)].map(([, name = '']) => ({
      name,
      place,
    })),
  );
  assert.ok(found.length > 50);
  for (const { name, place } of found) assert.ok(metrics.has(name), `${name} in ${place}`);
});

test('operations - settings, commands of VS Code and tests that the pages name exist', () => {
  const contract = read('docs/contract.md');
  for (const [, name = ''] of bothPages.matchAll(/`((?:Agent|Nats|WorkIQ|McpBridge|Patrols|Http|Notify|Log)__\w+)/g))
    assert.ok(contract.includes(`\`${name}\``), name);
  const commands = z.object({ contributes: z.object({ commands: z.array(z.object({ title: z.string() })) }) });
  const titles = new Set(
    commands.parse(JSON.parse(read('package.json'))).contributes.commands.map(({ title }) => title),
  );
  for (const [, title = ''] of bothPages.matchAll(/["`]RockBot: ([^"`]+)["`]/g)) assert.ok(titles.has(title), title);
  const tests = [...security.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, path = '']) => path);
  assert.ok(tests.length > 20);
  for (const path of tests) assert.ok(path === 'test/' || existsSync(join(root, path)), path);
});

test('operations - every link of the documentation leads to a file and to an anchor in it', () => {
  for (const place of [...filesUnder('docs', '.md'), 'README.md', 'deploy/nats/README.md']) {
    for (const link of linksOf(read(place)).filter((target) => !/^[a-z]+:/.test(target))) {
      const [path = '', anchor] = link.split('#', 2);
      const target = path === '' ? place : relative(root, join(root, dirname(place), path));
      assert.ok(existsSync(join(root, target)), `${link} in ${place}`);
      if (anchor !== undefined) assert.ok(anchorsOf(read(target)).has(anchor), `${link} in ${place}`);
    }
  }
  for (const place of ['agent', 'shared', 'extension', 'deploy'].flatMap((path) => [
    ...filesUnder(path, '.ts'),
    ...filesUnder(path, '.yaml'),
  ]))
    for (const [, page = '', anchor = ''] of read(place).matchAll(/\b(docs\/[\w-]+\.md)#([\w-]+)/g))
      assert.ok(anchorsOf(read(page)).has(anchor), `${page}#${anchor} in ${place}`);
});

test('operations - the figures of capacity are those that were measured', () => {
  const measured = read('docs/performance.md');
  const figures = rowsOf(sectionOf(operations, 'Capacity')).map(([, figure = '']) => figure);
  assert.ok(figures.length > 3);
  for (const figure of figures) assert.ok(measured.includes(figure), figure);
});

test('operations - the command for the fingerprint of the agent key prints what people are shown', async () => {
  const file = join(folder, 'agent-key.jwk');
  const { publicKey } = await loadAgentKey(file, {
    cacheFile: join(folder, 'none'),
    logger: { warn: () => undefined },
  });
  const printed = runFromPage('The agent key', { holds: 'SHA256:', path: '/data/agent/secrets/agent-key.jwk', file });
  assert.equal(printed, await agentKeyFingerprint(publicKey));
});

test('operations - the command for one call prints its line of the audit file', () => {
  const file = join(folder, 'audit.jsonl');
  writeFileSync(file, '{"callId":"a1"}\n{"callId":"b2"}\n');
  const path = '/data/agent/audit/audit.jsonl';
  assert.equal(runFromPage('Metrics and logs', { holds: 'audit.jsonl', path, file, args: ['b2'] }), '{"callId":"b2"}');
});

test('operations - another cache key opens what a disconnect leaves, with its generation, and not the file of before', async () => {
  const path = join(folder, 'secrets', 'workiq-cache.bin');
  const store = (fill: number): CacheStore =>
    new CacheStore({ path, key: new Uint8Array(32).fill(fill), clock: systemClock });
  const at = '2026-03-01T08:00:00.000Z';
  const account = {
    id: 'a',
    username: 'adele@contoso.example',
    tenantId: 't',
    homeAccountId: 'a.t',
    environment: 'login.example',
  };
  const connection = {
    account,
    scopes: [],
    signer: 'U',
    connectedAt: at,
    lastRefreshAt: at,
    accessTokens: {},
    cache: '{}',
  };
  const envelope: CacheEnvelope = { tenantId: 't', clientId: 'c', generation: 7, connection };
  assert.deepEqual(await store(1).load(), { kind: 'none' });
  await store(1).save(envelope);
  await assert.rejects(store(2).load(), CacheKeyError);
  await storeWithoutConnection(store(1), envelope);
  const loaded = await store(2).load();
  assert.ok(loaded.kind === 'loaded');
  assert.equal(loaded.envelope.generation, 7);
  assert.equal(loaded.envelope.connection, undefined);
});
