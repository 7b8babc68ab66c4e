// The scripts that register the app in a tenant, run for real against a stand-in for az and Microsoft Graph: what they make, that they can be
// run again at any point, what they find wrong, and what they say when they may not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';
import { loadConfig } from '../../agent/config/agent-config.ts';
import { startGraphServer } from '../support/graph/graph-server.ts';
import type { Directory } from '../support/graph/graph-directory.ts';
import { registrationCalls, withoutValues } from '../support/graph/registration-calls.ts';
import { spoiltRegistrations } from '../support/graph/spoilt-registrations.ts';
import {
  adele,
  guest,
  newDirectory,
  openTenant,
  resources,
  type ProgramRun,
  type TestTenant,
} from '../support/graph/tenant.ts';

const shellScript = new URL('../../deploy/entra/register.sh', import.meta.url).pathname;
const powerShellScript = new URL('../../deploy/entra/Register-RockBot.ps1', import.meta.url).pathname;
/** Not of this package, but of the machine. */
const powerShell = 'pwsh';
const user = ['--user', adele.userPrincipalName];

/** Those that were seen at run time. */
const seen = new Set<string>();

type Run = (tenant: TestTenant, args: readonly string[]) => Promise<ProgramRun>;

const runShell: Run = async (tenant, args) => {
  const run = await tenant.run('sh', [shellScript, ...args]);
  for (const { method, path } of run.calls) seen.add(`${method} ${withoutValues(path)}`);
  return run;
};

/** The same options as PowerShell has them. */
const runPowerShell: Run = async (tenant, args) => {
  await using server = await startGraphServer(tenant);
  const options = new Map<string, string[]>();
  for (const [index, arg] of args.entries()) {
    if (!arg.startsWith('--')) continue;
    const name = arg.slice(2).replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    const value = args[index + 1];
    options.set(name, [
      ...(options.get(name) ?? []),
      ...(value === undefined || value.startsWith('--') ? [] : [`'${value.replaceAll("'", "''")}'`]),
    ]);
  }
  const words = [...options].map(([name, values]) => `-${name} ${values.join(',')}`);
  const token = '(ConvertTo-SecureString token -AsPlainText -Force)';
  const command = `& '${powerShellScript}' -Graph ${server.url} -AccessToken ${token} ${words.join(' ')}; exit $LASTEXITCODE`;
  const run = await tenant.run(powerShell, ['-NoProfile', '-NonInteractive', '-Command', command]);
  return { ...run, stdout: run.stdout.replaceAll('\r', '').replaceAll(server.url, 'https://graph.microsoft.com') };
};

function writesOf(run: ProgramRun): string[] {
  return run.calls
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) => `${method} ${withoutValues(path)}`);
}

const configMapSchema = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata: z.strictObject({ name: z.literal('rockbot-workiq') }),
  data: z.record(z.string(), z.string()),
});

/** Settings of the printed ConfigMap, after a look that the lines above it say the same. */
function settingsOf({ stdout }: ProgramRun): Record<string, string> {
  const { data } = configMapSchema.parse(parse(stdout));
  const lines = [...stdout.matchAll(/^# {3}(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
  assert.deepEqual(Object.fromEntries(lines), data);
  return data;
}

/** What a tenant has to hold in the end, without the ids that it makes. */
function summaryOf(directory: Directory): unknown {
  const [app, ...others] = directory.applications;
  assert.deepEqual(others, []);
  assert.ok(app);
  const appIdOf = (id: string): string | undefined =>
    directory.servicePrincipals.find((principal) => principal.id === id)?.appId;
  const { id: _id, appId, ...properties } = app;
  return {
    ...properties,
    requiredResourceAccess: properties.requiredResourceAccess
      .map(({ resourceAppId, resourceAccess }) =>
        [
          resourceAppId,
          ...resourceAccess.map((access) => `${nameOf(directory, resourceAppId, access.id)} ${access.type}`).sort(),
        ].join(' '),
      )
      .sort(),
    principals: directory.servicePrincipals
      .map((principal) => (principal.appId === appId ? 'the app' : principal.appId))
      .sort(),
    grants: directory.grants
      .map(({ clientId, resourceId, consentType, principalId, scope }) =>
        [appIdOf(clientId) === appId, appIdOf(resourceId), consentType, principalId, scope].join(' '),
      )
      .sort(),
  };
}

function nameOf(directory: Directory, appId: string, id: string): string | undefined {
  const scopes = directory.servicePrincipals.find((principal) => principal.appId === appId)?.oauth2PermissionScopes;
  return scopes?.find((scope) => scope.id === id)?.value;
}

const expectedForAdele = {
  displayName: 'RockBot',
  signInAudience: 'AzureADMyOrg',
  isFallbackPublicClient: true,
  publicClient: { redirectUris: ['http://localhost'] },
  web: { redirectUris: [] },
  spa: { redirectUris: [] },
  passwordCredentials: [],
  keyCredentials: [],
  requiredResourceAccess: [
    `${resources.graph} offline_access Scope openid Scope profile Scope`,
    `${resources.workIq} WorkIQAgent.Ask Scope`,
  ],
  principals: [resources.graph, resources.workIq, 'the app'],
  grants: [
    `true ${resources.graph} Principal ${adele.id} offline_access openid profile`,
    `true ${resources.workIq} Principal ${adele.id} WorkIQAgent.Ask`,
  ],
};

/** A tenant in which the script has run once. */
async function registered(run: Run): Promise<TestTenant> {
  let made = registeredBy.get(run);
  made ??= (async () => {
    await using tenant = await openTenant();
    const { code, stderr } = await run(tenant, user);
    assert.equal(code, 0, stderr);
    return await tenant.directory();
  })();
  registeredBy.set(run, made);
  return openTenant(await made);
}
const registeredBy = new Map<Run, Promise<Directory>>();

function scenarios(script: string, run: Run, skip: string | false): void {
  describe(`registration with ${script}`, { skip, concurrency: 2 }, () => {
    test('registration - makes what is needed and prints settings that the agent takes; a second run changes nothing and says so', async () => {
      await using tenant = await openTenant();
      const first = await run(tenant, user);
      assert.equal(first.code, 0, first.stderr);
      assert.deepEqual(summaryOf(await tenant.directory()), expectedForAdele);
      const settings = settingsOf(first);
      const { applications, tenantId } = await tenant.directory();
      assert.deepEqual(settings, {
        WorkIQ__TenantId: tenantId,
        WorkIQ__ClientId: applications[0]?.appId,
        WorkIQ__ExpectedAccount: adele.id,
      });
      assert.equal(loadConfig(settings).workiq.expectedAccount, adele.id);
      const second = await run(tenant, user);
      assert.equal(second.code, 0);
      assert.deepEqual(writesOf(second), []);
      assert.match(second.stderr, /Nothing had to be changed/);
      assert.equal(second.stdout, first.stdout);
      const verified = await run(tenant, ['--verify', ...user]);
      assert.deepEqual(
        [verified.code, verified.calls.filter(({ method }) => method !== 'GET')],
        [0, []],
        verified.stdout,
      );
    });

    test('registration - a dry run prints the calls that the run then makes, and makes none of them', async () => {
      await using tenant = await openTenant();
      const dry = await run(tenant, ['--dry-run', ...user]);
      assert.equal(dry.code, 0, dry.stderr);
      assert.deepEqual(writesOf(dry), []);
      assert.match(dry.stderr, /nothing has changed/);
      assert.deepEqual((await tenant.directory()).applications, []);
      const printed = [...dry.stdout.matchAll(/^(POST|PATCH) https:\/\/graph\.microsoft\.com\/v1\.0(\S+) (\{.*\})$/gm)];
      const real = await run(tenant, user);
      assert.deepEqual(
        printed.map(([, method, path]) => `${method} ${path}`),
        writesOf(real),
      );
      const members = (body: unknown): string[] => Object.keys(z.record(z.string(), z.unknown()).parse(body)).sort();
      assert.deepEqual(
        printed.map(([, , , body]) => members(JSON.parse(body ?? ''))),
        real.calls.filter(({ method }) => method !== 'GET').map(({ body }) => members(body)),
      );
    });

    test('registration - consent for everybody, several servers of the catalogue, and a name of our own', async () => {
      await using tenant = await openTenant();
      const args = [
        '--all-users',
        '--name',
        'Rock Bot (2)',
        '--server',
        'mcp_MailTools',
        '--server',
        'mcp_CalendarTools',
      ];
      const first = await run(tenant, args);
      assert.equal(first.code, 0, first.stderr);
      const directory = await tenant.directory();
      assert.deepEqual(
        directory.grants.map(({ consentType, principalId, scope }) => `${consentType} ${principalId} ${scope}`).sort(),
        [
          'AllPrincipals null McpServers.Calendar.All McpServers.Mail.All',
          'AllPrincipals null WorkIQAgent.Ask',
          'AllPrincipals null offline_access openid profile',
        ],
      );
      const settings = settingsOf(first);
      assert.equal(settings['WorkIQ__ExpectedAccount'], undefined);
      const catalogue = loadConfig(settings).profiles.find(({ name }) => name === 'agent365');
      assert.ok(catalogue);
      assert.ok(catalogue.scopes.includes(`${resources.agent365}/.default`));
      assert.deepEqual(catalogue.allowedOrigins, ['https://agent365.svc.cloud.microsoft']);
      // One server more, later.
      const more = await run(tenant, [...args, '--server', 'mcp_MeServer']);
      assert.deepEqual(writesOf(more), ['PATCH /applications/', 'PATCH /oauth2PermissionGrants/']);
      assert.ok(
        (await tenant.directory()).grants.some(
          ({ scope }) => scope === 'McpServers.Calendar.All McpServers.Mail.All McpServers.Me.All',
        ),
      );
      assert.equal((await run(tenant, ['--verify', ...args, '--server', 'mcp_MeServer'])).code, 0);
      const without = await run(tenant, ['--verify', '--name', 'Rock Bot (2)']);
      assert.equal(without.code, 1);
      assert.match(without.stdout, /a delegated permission that RockBot does not need/);
    });

    test('registration - a second person gets consent beside the first, also a guest whose name has signs in it', async () => {
      await using tenant = await registered(run);
      const second = await run(tenant, ['--user', guest.userPrincipalName]);
      assert.deepEqual(
        writesOf(second),
        ['POST /oauth2PermissionGrants', 'POST /oauth2PermissionGrants'],
        second.stderr,
      );
      assert.equal((await run(tenant, ['--verify', ...user, '--user', guest.userPrincipalName])).code, 0);
    });

    test('registration - stopped at any call that changes something, the next run completes it without doing anything twice', async () => {
      const writes = writesOf(
        await (async () => {
          await using tenant = await openTenant();
          return await run(tenant, user);
        })(),
      );
      assert.equal(writes.length, 5);
      for (let failing = 0; failing < writes.length; failing++) {
        await using tenant = await openTenant();
        const [method = '', path = ''] = (writes[failing] ?? '').split(' ');
        // The one of several calls of the same kind that is meant.
        const earlier = writes.slice(0, failing).filter((write) => write === writes[failing]).length;
        await tenant.directory((directory) => {
          directory.refusals = [{ method, path, status: 503, code: 'serviceUnavailable', after: earlier }];
        });
        const stopped = await run(tenant, user);
        assert.equal(stopped.code, 69, `${failing}: ${stopped.stderr}`);
        assert.match(stopped.stderr, /Run this again; it goes on where it stopped/);
        assert.equal(stopped.stdout, '');
        const completed = await run(tenant, user);
        assert.equal(completed.code, 0, completed.stderr);
        assert.deepEqual(summaryOf(await tenant.directory()), expectedForAdele);
        assert.deepEqual(writesOf(completed), writes.slice(failing));
      }
    });

    test('registration - waits for what Entra has not told all its servers yet, and for its throttling', async () => {
      await using tenant = await openTenant({
        ...newDirectory(),
        lag: 4,
        refusals: [{ method: 'POST', path: '/applications', status: 429, code: 'TooManyRequests', after: 0 }],
      });
      const { code, stderr } = await run(tenant, user);
      assert.equal(code, 0, stderr);
      assert.deepEqual(summaryOf(await tenant.directory()), expectedForAdele);
    });

    for (const { what, spoil, says, isMended } of spoiltRegistrations) {
      test(`registration - finds ${what}, says how to repair it${isMended ? ', and repairs it' : ''}`, async () => {
        await using tenant = await registered(run);
        await tenant.directory((directory) => {
          const [app] = directory.applications;
          assert.ok(app);
          spoil(directory, app);
        });
        const found = await run(tenant, ['--verify', ...user]);
        assert.equal(found.code, 1, found.stdout);
        assert.match(found.stdout, says);
        assert.deepEqual(writesOf(found), []);
        assert.equal(found.stdout.match(/^DEVIATION /gm)?.length, found.stdout.match(/^ {2}repair: \S/gm)?.length);
        if (!isMended) return;
        const mended = await run(tenant, user);
        assert.equal(mended.code, 0, mended.stderr);
        const after = await run(tenant, ['--verify', ...user]);
        assert.equal(after.code, 0, after.stdout);
      });
    }

    test('registration - more than is needed is told and left alone by a run that repairs', async () => {
      await using tenant = await registered(run);
      const spoilt = await tenant.directory((directory) => {
        for (const app of directory.applications) app.publicClient.redirectUris.push('http://127.0.0.1');
        for (const grant of directory.grants) grant.scope += ' Mail.Read';
      });
      const again = await run(tenant, user);
      assert.equal(again.code, 0);
      assert.match(again.stderr, /Note: There is another redirect address[\s\S]*Note: There is consent .* Mail\.Read/);
      assert.deepEqual((await tenant.directory()).applications, spoilt.applications);
      assert.deepEqual((await tenant.directory()).grants, spoilt.grants);
    });

    test('registration - a tenant without the app, and one that is said to be another', async () => {
      await using tenant = await openTenant();
      const none = await run(tenant, ['--verify']);
      assert.equal(none.code, 1);
      assert.match(none.stdout, /no app registration named "RockBot"/);
      const other = await run(tenant, [...user, '--tenant', '99999999-0000-4000-8000-000000000000']);
      assert.equal(other.code, 77);
      assert.match(other.stderr, /signed in to the tenant cccccccc-\S+, not to 99999999/);
      assert.deepEqual(
        [...none.calls, ...other.calls].filter(({ method }) => method !== 'GET'),
        [],
      );
    });

    test('registration - says in plain words: not allowed, not offered, no such user, several apps of the name', async () => {
      await using tenant = await openTenant({ ...newDirectory(), role: 'reader' });
      const reader = await run(tenant, user);
      assert.equal(reader.code, 77);
      assert.match(
        reader.stderr,
        /Not allowed: Create the service principal of Work IQ .* Cloud Application Administrator, or Global Administrator/,
      );
      await tenant.directory((directory) => Object.assign(directory, { role: 'admin', offered: {} }));
      const unlicensed = await run(tenant, user);
      assert.equal(unlicensed.code, 1);
      assert.match(unlicensed.stderr, /Work IQ is not offered to this tenant.*Microsoft 365 Copilot licence/);
      await tenant.directory((directory) => Object.assign(directory, { offered: newDirectory().offered }));
      const unknown = await run(tenant, ['--user', 'nobody@contoso.example']);
      assert.equal(unknown.code, 1);
      assert.match(unknown.stderr, /no user "nobody@contoso\.example"/);
      await tenant.directory(({ applications: [app], applications }) => {
        if (app !== undefined)
          applications.push({ ...app, id: 'other', appId: 'ffffffff-0000-4000-8000-000000000000' });
      });
      const several = await run(tenant, user);
      assert.equal(several.code, 1);
      assert.match(several.stderr, /several app registrations named "RockBot".*ffffffff.*app-?id/i);
      const [app] = (await tenant.directory()).applications;
      const chosen = await run(tenant, [...user, '--app-id', app?.appId ?? '']);
      assert.equal(chosen.code, 0, chosen.stderr);
      assert.equal(settingsOf(chosen)['WorkIQ__ClientId'], app?.appId);
    });

    test('registration - asks for whom, and takes nothing that could slip into an address or into JSON', async () => {
      await using tenant = await openTenant();
      const nobody = await run(tenant, []);
      assert.equal(nobody.code, 2);
      assert.match(nobody.stderr, /-{1,2}user .*everybody in the tenant/i);
      for (const args of [
        ['--user', 'x" y'],
        ['--all-users', '--name', "a'b"],
        ['--all-users', '--server', 'mcp_Nonsense'],
        ['--all-users', '--server', 'mcp_.*'],
        ['--all-users', '--tenant', 'contoso'],
        ['--all-users', ...user],
        ['--verify', '--dry-run'],
      ]) {
        const { code, calls } = await run(tenant, args);
        assert.deepEqual([code, calls], [2, []], args.join(' '));
      }
    });
  });
}

after(() => {
  for (const call of seen) assert.ok(registrationCalls.includes(call), call);
});

scenarios('register.sh', runShell, process.platform === 'win32' ? 'register.sh needs a POSIX shell' : false);
scenarios(
  'Register-RockBot.ps1',
  runPowerShell,
  spawnSync(powerShell, ['-NoProfile', '-Command', 'exit 0'], { timeout: 60_000 }).status === 0
    ? false
    : 'PowerShell (pwsh) is not there; that the script makes the same calls as register.sh is checked by its text alone',
);

test('registration - register.sh knows a tenant by its id in capitals, and sends a token over https alone', async () => {
  await using tenant = await openTenant();
  const { tenantId } = await tenant.directory();
  const capitals = await runShell(tenant, [...user, '--dry-run', '--tenant', tenantId.toUpperCase()]);
  assert.equal(capitals.code, 0, capitals.stderr);
  for (const graph of [
    'http://graph.example',
    'https://graph.example/v1.0',
    'https://graph.example@evil.example',
    '-',
  ]) {
    const { code, calls } = await runShell(tenant, ['--verify', '--graph', graph]);
    assert.deepEqual([code, calls], [2, []], graph);
  }
});

test('registration - az that is not there, and az that is not signed in', async () => {
  await using tenant = await openTenant({ ...newDirectory(), role: 'none' });
  const out = await runShell(tenant, user);
  assert.equal(out.code, 77);
  assert.match(out.stderr, /az is not signed in.*az login/);
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-no-az-'));
  try {
    const grep = spawnSync('sh', ['-c', 'command -v grep'], { encoding: 'utf8' }).stdout.trim();
    await symlink(grep, join(folder, 'grep'));
    const none = await tenant.run('/bin/sh', [shellScript, ...user], { PATH: folder });
    assert.equal(none.code, 69, none.stderr);
    assert.match(none.stderr, /Azure CLI \(az\) is not there/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
