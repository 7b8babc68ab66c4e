// What an operator is told of failing calls: once per server and reason in a while, and only what can be mended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailureNotices } from '../../agent/failure-notices.ts';
import { createLogger } from '../../agent/logger.ts';
import { manualClock } from '../support/manual-clock.ts';

test('failure notices - a reason is told once in ten minutes per server, then with how many went untold', () => {
  const clock = manualClock();
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', write: (line) => lines.push(line) });
  const notices = new FailureNotices({ clock });
  const fail = (server: string, outcome: string): void => {
    notices.failed({ server, outcome, action: 'Mend it.', requestId: 'r1' }, logger);
  };
  for (let count = 0; count < 50; count++) fail('a', 'server_unavailable');
  fail('b', 'server_unavailable');
  fail('a', 'auth_required');
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? '', /"level":"warn".*"outcome":"server_unavailable","action":"Mend it\.","requestId":"r1"/);
  clock.advance(600_000);
  fail('a', 'server_unavailable');
  assert.equal(lines.length, 4);
  assert.match(lines[3] ?? '', /"untold":49/);
});

test('failure notices - what the caller mends or the tool means is not told', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => lines.push(line) });
  const notices = new FailureNotices({ clock: manualClock() });
  for (const outcome of [
    'invalid_arguments',
    'tool_not_found',
    'execution_failed',
    'cancelled',
    'timeout',
    'guard_denied',
  ])
    notices.failed({ server: 'a', outcome, action: undefined, requestId: undefined }, logger);
  assert.deepEqual(lines, []);
});
