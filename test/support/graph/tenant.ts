// A tenant for one test: a directory in a file, and programs run with a stand-in for az on their PATH. It knows no script.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { build } from 'esbuild';
import { directorySchema, type Directory } from './graph-directory.ts';

export const resources = {
  workIq: 'fdcc1f02-fc51-4226-8753-f668596af7f7',
  agent365: 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1',
  graph: '00000003-0000-0000-c000-000000000000',
};

const scope = (value: string, number: number): { id: string; value: string } => ({
  id: `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`,
  value,
});

export const adele = { id: 'aaaaaaaa-0000-4000-8000-000000000001', userPrincipalName: 'adele@contoso.example' };
export const guest = {
  id: 'aaaaaaaa-0000-4000-8000-000000000002',
  userPrincipalName: 'bo_x.example#EXT#@contoso.example',
};

/** A tenant that nobody has used Work IQ in; `graph` is in every tenant. */
export function newDirectory(): Directory {
  const openId = ['openid', 'profile', 'offline_access', 'User.Read', 'Mail.Read'].map((value, index) =>
    scope(value, index),
  );
  return {
    tenantId: 'cccccccc-0000-4000-8000-000000000000',
    role: 'admin',
    users: [adele, guest],
    applications: [],
    servicePrincipals: [
      {
        id: 'dddddddd-0000-4000-8000-000000000003',
        appId: resources.graph,
        accountEnabled: true,
        tags: [],
        oauth2PermissionScopes: openId,
      },
    ],
    grants: [],
    offered: {
      [resources.workIq]: [{ id: '0b1715fd-f4bf-4c63-b16d-5be31f9847c2', value: 'WorkIQAgent.Ask' }],
      [resources.agent365]: [
        'Mail',
        'Calendar',
        'Teams',
        'Me',
        'CopilotMCP',
        'Word',
        'Excel',
        'PowerPoint',
        'OneDriveSharepoint',
        'OneDrive',
        'SharePoint',
        'SharepointLists',
        'Dataverse',
        'Knowledge',
        'M365Admin',
      ].map((name, index) => scope(`McpServers.${name}.All`, 100 + index)),
    },
    lag: 0,
    refusals: [],
    calls: [],
  };
}

export interface ProgramRun {
  code: number;
  stdout: string;
  stderr: string;
  /** Calls of Graph that this run made. */
  calls: Directory['calls'];
}

export interface TestTenant extends AsyncDisposable {
  /** For looking and changing between runs. */
  directory(change?: (directory: Directory) => void): Promise<Directory>;
  /** Runs a program with `az` and a `sleep` that does not sleep. */
  run(program: string, args: readonly string[], env?: Record<string, string>): Promise<ProgramRun>;
}

let bundle: Promise<string> | undefined;

/** As one file, because scripts start it many times and loading its parts would take most of that. */
function standIn(): Promise<string> {
  bundle ??= build({
    entryPoints: [new URL('main.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '');
  return bundle;
}

export async function openTenant(directory: Directory = newDirectory()): Promise<TestTenant> {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-tenant-'));
  const file = join(folder, 'directory.json');
  await writeFile(file, JSON.stringify(directory));
  const main = join(folder, 'az.mjs');
  await writeFile(main, await standIn());
  await writeFile(join(folder, 'az'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
  await writeFile(join(folder, 'sleep'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const read = async (): Promise<Directory> => directorySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return {
    async directory(change) {
      const now = await read();
      change?.(now);
      if (change !== undefined) await writeFile(file, JSON.stringify(now));
      return now;
    },
    async run(program, args, env = {}) {
      const before = (await read()).calls.length;
      const result = await new Promise<Omit<ProgramRun, 'calls'>>((resolve) => {
        const path = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
        const options = { env: { ...process.env, PATH: path, ROCKBOT_TEST_DIRECTORY: file, ...env }, timeout: 120_000 };
        execFile(program, [...args], options, (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
        });
      });
      return { ...result, calls: (await read()).calls.slice(before) };
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
