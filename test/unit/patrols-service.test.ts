// Patrols as a part of the agent: what keeps them from starting is waited out, with nobody there who asks.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createLogger } from '../../agent/logger.ts';
import { PatrolService } from '../../agent/patrols/patrol-service.ts';
import { manualClock } from '../support/manual-clock.ts';
import { until } from '../support/until.ts';

async function blockedService(cleanup: AsyncDisposableStack) {
  const dataDir = await mkdtemp(join(tmpdir(), 'rockbot-patrol-service-'));
  cleanup.defer(() => rm(dataDir, { recursive: true, force: true }));
  const folder = join(dataDir, 'patrols');
  // What has its place is no folder, so that nothing can be kept.
  await writeFile(folder, '');
  const clock = manualClock();
  const log: string[] = [];
  const service = new PatrolService({
    path: join(dataDir, 'patrols.json'),
    folder,
    call: () => Promise.reject(new Error('nothing is called')),
    auth: () => ({ status: 'not_connected', generation: 0 }),
    clock,
    logger: createLogger({ level: 'info', write: (line) => void log.push(line) }),
    onChange: () => undefined,
    onEnd: () => undefined,
  });
  cleanup.defer(() => service.close());
  return { service, folder, clock, log };
}

describe('patrol service', () => {
  test('patrol service - a start that failed is tried again until it comes about, and told once', async () => {
    await using cleanup = new AsyncDisposableStack();
    const { service, folder, clock, log } = await blockedService(cleanup);
    const begun = service.begin();
    for (let attempt = 0; attempt < 3; attempt++) {
      await until('it waits for its next attempt', () => clock.sleeping.length === 1);
      clock.advance(60_000);
    }
    await until('it waits for its next attempt', () => clock.sleeping.length === 1);
    assert.equal(service.facts(), undefined);
    await rm(folder);
    clock.advance(60_000);
    await begun;
    assert.deepEqual(service.facts(), { isFileValid: true, patrols: [] });
    assert.equal(log.filter((line) => line.includes('could not be started')).length, 1, log.join(''));
  });

  test('patrol service - one that is closed before it could start tries no more', async () => {
    await using cleanup = new AsyncDisposableStack();
    const { service, clock } = await blockedService(cleanup);
    const begun = service.begin();
    await until('it waits for its next attempt', () => clock.sleeping.length === 1);
    await service.close();
    await begun;
    assert.deepEqual(clock.sleeping, []);
  });
});
