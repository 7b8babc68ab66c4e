// Noticing another agent of the same name by its heartbeats, with the clock in the test's hands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goneAfterMs, DuplicateAgents } from '../../agent/bus/duplicate-agents.ts';
import { createLogger } from '../../agent/logger.ts';
import { manualClock } from '../support/manual-clock.ts';

function listen() {
  const clock = manualClock();
  const log: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => void log.push(line) });
  const duplicates = new DuplicateAgents({ agent: 'rockbot', instance: 'mine', clock, logger });
  const heard = (heartbeat: unknown): void => {
    duplicates.heard(Buffer.from(typeof heartbeat === 'string' ? heartbeat : JSON.stringify(heartbeat)));
  };
  return { clock, log, duplicates, heard };
}

test('duplicate agents - its own heartbeats are no news', () => {
  const { duplicates, heard, log } = listen();
  heard({ instance: 'mine' });
  assert.equal(duplicates.trouble, undefined);
  assert.deepEqual(log, []);
});

test('duplicate agents - another instance is named with what to do, once and then every minute while it lasts', () => {
  const { duplicates, heard, log, clock } = listen();
  for (let beat = 0; beat < 13; beat++) {
    heard({ instance: 'other', startedAt: '2026-03-01T07:00:00.000Z', version: '1.0.0' });
    assert.match(duplicates.trouble ?? '', /other.*"rockbot".*mine.*Agent__Name/);
    clock.advance(10_000);
  }
  assert.equal(log.length, 3);
  for (const line of log) {
    const { level, message, instance, otherInstance } = JSON.parse(line) as Record<string, string>;
    assert.equal(level, 'error');
    assert.match(message ?? '', /"rockbot".*Stop one of them.*Agent__Name/);
    assert.deepEqual([instance, otherInstance], ['mine', 'other']);
  }
  heard({ instance: 'third' });
  assert.equal(log.length, 4);
});

test('duplicate agents - one that was not heard for long is gone, and one that stops is gone at once', () => {
  const { duplicates, heard, log, clock } = listen();
  heard({ instance: 'killed' });
  clock.advance(goneAfterMs - 1);
  assert.ok(duplicates.trouble);
  clock.advance(1);
  assert.equal(duplicates.trouble, undefined);
  heard({ instance: 'stopped' });
  heard({ instance: 'stopped', stopping: true });
  assert.equal(duplicates.trouble, undefined);
  assert.equal(log.length, 2);
});

test('duplicate agents - the last heartbeat before an orderly restart is not reported', () => {
  const { duplicates, heard, log } = listen();
  heard({ instance: 'before', stopping: true });
  assert.equal(duplicates.trouble, undefined);
  assert.deepEqual(log, []);
});

test('duplicate agents - what is no heartbeat is ignored, and made-up instances do not fill the memory', () => {
  const { duplicates, heard, log } = listen();
  for (const odd of ['', '{', 'null', '[]', '7', '{}', '{"instance":7}', '{"instance":""}']) heard(odd);
  assert.equal(duplicates.trouble, undefined);
  for (let made = 0; made < 1_000; made++) heard({ instance: `made-up-${made}` });
  assert.ok(log.length <= 16);
});
