// The audit log on a real file system: what it holds, and what is told when it cannot be written.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, rmdir, stat } from 'node:fs/promises';
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
  const audit = await openAuditLog({ path, logger });
  await mkdir(path);
  audit.record(entry('lost-1'));
  await until('the failure is told', () => lines.length > 0);
  audit.record(entry('lost-2'));
  await new Promise((resolve) => setTimeout(resolve, 100));
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
