// The key of a local agent, compared with the one in its folder instead of by a person.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isLocalAgentKey } from '../../extension/local/local-agent-key.ts';

test('[P3] local agent key - the one in its folder is trusted, another one is not, and without the file nothing is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-key-'));
  try {
    const key = { kty: 'OKP', crv: 'X25519', x: 'a'.repeat(43), kid: 'k' } as const;
    assert.equal(await isLocalAgentKey(folder, key), undefined);
    await mkdir(join(folder, 'secrets'));
    await writeFile(join(folder, 'secrets', 'agent-key.jwk'), JSON.stringify({ ...key, d: 'private' }));
    assert.equal(await isLocalAgentKey(folder, key), true);
    assert.equal(await isLocalAgentKey(folder, { ...key, x: 'b'.repeat(43) }), false);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
