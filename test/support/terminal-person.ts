// A person at a terminal of their own with the installed command line: signs in, adds servers, reads mail and calendar, follows what others
// do. It knows no agent from within.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { jsonLines, runCli, startCli, type CliExit, type CliOptions, type RunningCli } from './cli.ts';
import type { EntraControl } from './entra/admin-contract.ts';
import type { KnownSecret } from './leak-search.ts';
import type { InstalledRelease } from './packed-release.ts';
import { until } from './until.ts';

const callSchema = z.looseObject({ callId: z.string() });
const waiting = { timeoutMs: 60_000, everyMs: 100 };

export interface TerminalPersonOptions {
  /** Home folder; made when it is not there. */
  home: string;
  release: InstalledRelease;
  busUrl: string;
  busCa: string;
  entraCaFile: string;
  seed: string;
}

export interface Read {
  server: string;
  tool: string;
  args: object;
}

export class TerminalPerson implements AsyncDisposable {
  /** The installed command line. */
  release: InstalledRelease;
  /** Everything that it printed. */
  readonly printed: string[] = [];
  /** Seeds that this person had. */
  readonly secrets: KnownSecret[] = [];
  readonly #options: TerminalPersonOptions;
  #follower: RunningCli | undefined;

  constructor(options: TerminalPersonOptions) {
    this.#options = options;
    this.release = options.release;
  }

  async settleIn(): Promise<void> {
    const { home, busCa, seed } = this.#options;
    await mkdir(join(home, 'tmp'), { recursive: true });
    await writeFile(join(home, 'bus-ca.crt'), busCa);
    await this.useSeed(seed);
  }

  async useSeed(seed: string): Promise<void> {
    this.secrets.push({ kind: 'seed of a person', value: seed });
    await writeFile(join(this.#options.home, 'me.nk'), seed, { mode: 0o600 });
  }

  async run(args: readonly string[], env: Record<string, string> = {}): Promise<CliExit> {
    const exit = await runCli(args, this.#terminal(env));
    this.printed.push(exit.stdout, exit.stderr);
    return exit;
  }

  /** As somebody who has this seed as well. */
  async runAs(seed: string, ...args: string[]): Promise<CliExit> {
    const { home } = this.#options;
    await writeFile(join(home, 'other.nk'), seed, { mode: 0o600 });
    return this.run(['--nkey', join(home, 'other.nk'), ...args]);
  }

  async does(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    assert.equal(code, 0, `rockbot ${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Again and again, for what the agent takes up by itself. */
  async doesAtLast(args: readonly string[], holds: (exit: CliExit) => boolean): Promise<void> {
    let latest: CliExit | undefined;
    await until(
      () => `rockbot ${args.join(' ')}:\n${latest?.stdout}\n${latest?.stderr}`,
      async () => holds((latest = await this.run(args))),
      waiting,
    );
  }

  /** By device code, with a phone beside the terminal. */
  async triesToSignIn(entra: EntraControl, ...options: string[]): Promise<CliExit> {
    await using running = startCli(['auth', 'workiq', '--device-code', '--json', ...options], this.#terminal());
    const [, userCode = ''] = await running.printed('stdout', /"userCode":"([^"]+)"/);
    await entra.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' });
    const exit = await running.exited;
    this.printed.push(exit.stdout, exit.stderr);
    return exit;
  }

  async signsIn(entra: EntraControl, ...options: string[]): Promise<void> {
    const { code, stdout, stderr } = await this.triesToSignIn(entra, ...options);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.equal(jsonLines(stdout).at(-1)?.['event'], 'connected');
  }

  /** Calls the tools and finds something; `witness` sees it, too. */
  async reads(reads: readonly Read[], witness?: TerminalPerson): Promise<void> {
    for (const { server, tool, args } of reads) {
      const stdout = await this.does('tools', 'call', server, tool, '--args', JSON.stringify(args), '--json');
      assert.match(stdout, /subject/, `${server} ${tool}`);
      const { callId } = callSchema.parse(JSON.parse(stdout));
      const follower = witness?.follower();
      await until(
        () => `the other one to see the call: ${follower?.stderr()}`,
        () => follower === undefined || follower.stdout().includes(callId),
        waiting,
      );
    }
  }

  /** Follows the results of everybody from now on; `call` is one that shows up. */
  async follows(call: () => Promise<unknown>): Promise<void> {
    const follower = startCli(['results', '--follow', '--json'], { ...this.#terminal(), timeoutMs: 600_000 });
    this.#follower = follower;
    await until(
      () => `the first result: ${follower.stderr()}`,
      async () => {
        await call();
        return follower.stdout() !== '';
      },
      waiting,
    );
  }

  follower(): RunningCli | undefined {
    return this.#follower;
  }

  /** Ctrl-C. */
  async stopsFollowing(): Promise<number | null | undefined> {
    this.#follower?.signal('SIGINT');
    const exit = await this.#follower?.exited;
    this.printed.push(exit?.stdout ?? '', exit?.stderr ?? '');
    return exit?.code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#follower?.[Symbol.asyncDispose]();
  }

  #terminal(env: Record<string, string> = {}): CliOptions {
    const { home, busUrl, entraCaFile } = this.#options;
    return {
      program: this.release.cli,
      env: {
        HOME: home,
        XDG_CONFIG_HOME: join(home, 'config'),
        TMPDIR: join(home, 'tmp'),
        ROCKBOT_NATS_URL: busUrl,
        ROCKBOT_NKEY: join(home, 'me.nk'),
        Nats__CaFile: join(home, 'bus-ca.crt'),
        WorkIQ__CaFile: entraCaFile,
        ...env,
      },
    };
  }
}
