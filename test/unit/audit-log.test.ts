// The audit log on a real file system: what it holds, and what is told when it cannot be written.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openAuditLog, type AuditEntry } from '../../agent/audit/audit-log.ts';
import { createLogger } from '../../agent/logger.ts';
import { until } from '../support/until.ts';

const entry = (callId: string): AuditEntry => ({
  at: '2026-01-01T00:00:00.000Z',
  callId,
  caller: 'cli',
  inbox: '_INBOX',
  server: 'workiq',
  tool: 'fetch',
  outcome: 'ok',
  durationMs: 1,
});

test('audit log - a log that cannot be written is told once, and at its end with the number of missing calls', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-audit-'));
  const path = join(folder, 'audit', 'audit.jsonl');
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', write: (line) => lines.push(line) });
  let lost = 0;
  const audit = await openAuditLog({ path, logger, onLost: (count) => void (lost += count) });
  await mkdir(path);
  audit.record(entry('lost-1'));
  await until('the failure is told', () => lines.length > 0);
  audit.record(entry('lost-2'));
  await until('the second is lost as well', () => lost === 2);
  await rmdir(path);
  audit.record(entry('kept'));
  await audit.close();
  assert.equal(lines.length, 2, lines.join(''));
  assert.match(lines[0] ?? '', /cannot be written; calls go on without it.*EISDIR/);
  assert.match(lines[1] ?? '', /can be written again.*"lost":2/);
  assert.deepEqual((await readFile(path, 'utf8')).match(/"callId":"[\w-]+"/g), ['"callId":"kept"']);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await rm(folder, { recursive: true });
});

async function logIn(folder: string, maxBytes?: number) {
  const path = join(folder, 'audit', 'audit.jsonl');
  const told: string[] = [];
  let lost = 0;
  const logger = createLogger({ level: 'info', write: (line) => told.push(line) });
  const onLost = (count: number): void => void (lost += count);
  const audit = await openAuditLog({ path, logger, onLost, ...(maxBytes !== undefined && { maxBytes }) });
  return { audit, path, told, lost: () => lost };
}

const idsIn = async (path: string): Promise<string[]> =>
  [...(await readFile(path, 'utf8')).matchAll(/"callId":"([\w-]+)"/g)].map(([, id = '']) => id);

test('audit log - no caller fills it with one call: each text of a line is cut, and stays on it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-audit-'));
  const { audit, path } = await logIn(folder);
  const long = 'x'.repeat(1024 * 1024);
  for (let call = 0; call < 120; call++)
    audit.record({
      ...entry(`call-${call}`),
      caller: long,
      inbox: long,
      correlationId: long,
      server: `a\u202eb\n${long}`,
      tool: long,
    });
  await audit.close();
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.equal(lines.length, 120);
  const { tool, server } = JSON.parse(lines[0] ?? '') as AuditEntry;
  assert.equal(tool, 'x'.repeat(128));
  assert.match(server, /^ab x{100}/);
  assert.ok(lines.every((line) => line.length < 1_000));
  await rm(folder, { recursive: true });
});

test('audit log - five older files are kept, and a burst larger than a file loses no line on the way', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-audit-'));
  const bytes = Buffer.byteLength(`${JSON.stringify(entry('call-000'))}\n`);
  const { audit, path, lost } = await logIn(folder, 10 * bytes);
  const id = (call: number): string => `call-${String(call).padStart(3, '0')}`;
  for (let call = 0; call < 35; call++) audit.record(entry(id(call)));
  await audit.close();
  const kept = [3, 2, 1].map((age) => idsIn(`${path}.${age}`));
  const inOrder = [...(await Promise.all(kept)).flat(), ...(await idsIn(path))];
  assert.deepEqual(
    inOrder,
    Array.from({ length: 35 }, (_, call) => id(call)),
  );
  for (let call = 35; call < 100; call++) audit.record(entry(id(call)));
  await audit.close();
  assert.deepEqual((await readdir(join(folder, 'audit'))).toSorted(), [
    'audit.jsonl',
    ...[1, 2, 3, 4, 5].map((age) => `audit.jsonl.${age}`),
  ]);
  assert.equal((await idsIn(`${path}.5`))[0], id(40));
  assert.equal((await idsIn(path)).at(-1), id(99));
  assert.equal(lost(), 0);
  await rm(folder, { recursive: true });
});

test('audit log - a gap that a crash left between older files is filled before the oldest goes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-audit-'));
  const bytes = Buffer.byteLength(`${JSON.stringify(entry('call-0'))}\n`);
  const { audit, path } = await logIn(folder, bytes);
  for (let call = 0; call < 6; call++) audit.record(entry(`call-${call}`));
  await audit.close();
  await unlink(`${path}.2`);
  audit.record(entry('call-6'));
  await audit.close();
  assert.deepEqual(await idsIn(`${path}.5`), ['call-0']);
  assert.deepEqual(await idsIn(`${path}.2`), ['call-4']);
  await rm(folder, { recursive: true });
});

test('audit log - a rotation that is not possible is told, and the lines go on in one file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-audit-'));
  const { audit, path, told, lost } = await logIn(folder, 10);
  await mkdir(join(`${path}.1`, 'in-the-way'), { recursive: true });
  for (let age = 2; age <= 5; age++) await mkdir(join(`${path}.${age}`, 'in-the-way'), { recursive: true });
  for (let call = 0; call < 3; call++) {
    audit.record(entry(`call-${call}`));
    await audit.close();
  }
  assert.deepEqual(await idsIn(path), ['call-0', 'call-1', 'call-2']);
  assert.equal(lost(), 0);
  assert.equal(told.filter((line) => /cannot be renamed/.test(line)).length, 1, told.join(''));
  await rm(folder, { recursive: true });
});
