// The agent as a cluster runs it at its strictest: as a user that the system does not know, without a home, on a root that nobody
// can write to, and with nothing of its own but the volume.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { jsonLine, startChild } from '../support/child.ts';
import { createSmallVolume, whyNoVolume } from '../support/small-volume.ts';
import { startStack } from '../support/stack.ts';

const uid = 61_234;
const here = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
const built = here('dist/agent.cjs');
const program = existsSync(built) ? built : here('agent/main.ts');
const readySchema = z.object({ message: z.literal('The agent is ready.'), httpPort: z.number() });

/** Everything below `/` is read-only in here, other mounts stay as they are. */
const script =
  'mount -o remount,bind,ro / && exec setpriv --reuid "$1" --regid "$1" --clear-groups --no-new-privs "$2" "$3"';

/** Arguments of `unshare` that run a command like that. */
function restricted(...command: string[]): string[] {
  const namespace = ['--mount', '--propagation', 'private'];
  return [...namespace, 'sh', '-c', script, 'sh', String(uid), ...command];
}

/** Why nothing can be run like that here, or undefined when it can. */
function whyNotRestricted(): string | undefined {
  const { status } = spawnSync('unshare', restricted(process.execPath, '--version'));
  return status === 0
    ? undefined
    : 'this machine lets nobody make its root read-only, or keeps other users out of this folder';
}

test(
  'restricted - as an unknown user on a read-only root: it starts, takes a sign-in, calls, and keeps all to itself [P2]',
  { skip: whyNoVolume() ?? whyNotRestricted() ?? false },
  async () => {
    using volume = createSmallVolume({ megabytes: 16, owner: uid });
    await using stack = await startStack();
    await stack.agent.child.stop();
    const caFile = join(volume.path, 'ca.pem');
    writeFileSync(caFile, readFileSync(stack.agentEnv['WorkIQ__CaFile'] ?? ''), { mode: 0o644 });
    writeFileSync(
      join(volume.path, 'mcp.json'),
      JSON.stringify({
        mcpServers: { workiq: { type: 'http', url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } } },
      }),
    );
    await using child = await startChild({
      name: 'restricted agent',
      program: 'unshare',
      args: restricted(process.execPath, program),
      env: {
        ...stack.agentEnv,
        Nats__Url: stack.nats.url,
        Agent__DataDir: volume.path,
        WorkIQ__CaFile: caFile,
        Http__Host: '127.0.0.1',
        Http__Port: '0',
        HOME: '/nobody-has-this-home',
      },
      readyLine: (line) => readySchema.safeParse(jsonLine(line)).data,
    });
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    assert.match(status, new RegExp(`^Uid:\\s+${uid}\\s+${uid}`, 'm'));
    const root = readFileSync(`/proc/${child.pid}/mountinfo`, 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[4] === '/');
    assert.match(root ?? '', /^\S+ \S+ \S+ \S+ \/ ro[, ]/);

    await stack.connect();
    await stack.call('fetch', { entityUrls: ['/me'] });
    const { httpPort } = readySchema.parse(child.ready);
    assert.equal((await fetch(`http://127.0.0.1:${httpPort}/readyz`)).status, 200);
    assert.equal(await child.stop(), 0);

    const secrets = join(volume.path, 'secrets');
    assert.equal(statSync(secrets).mode & 0o777, 0o700);
    const names = readdirSync(secrets);
    assert.ok(names.includes('workiq-cache.bin') && names.includes('agent-key.jwk'), names.join());
    for (const name of names) {
      const { mode, uid: owner } = statSync(join(secrets, name));
      assert.deepEqual([mode & 0o777, owner], [0o600, uid], name);
    }
    assert.doesNotMatch(child.output(), /EROFS|EACCES|EPERM|"level":"(?:error|warn)"/);
  },
);
