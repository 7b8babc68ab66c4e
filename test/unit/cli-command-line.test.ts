// How the command line is read: every command, options on either side, and what is refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UsageError } from '../../extension/cli/cli-errors.ts';
import { parseCommandLine, type ParsedCommandLine } from '../../extension/cli/command-line.ts';
import type { Invocation } from '../../extension/cli/invocation.ts';

async function parse(...argv: string[]): Promise<ParsedCommandLine & { text: string }> {
  let text = '';
  const parsed = await parseCommandLine(argv, { version: '1.2.3', write: (part) => (text += part) });
  return { ...parsed, text };
}

describe('command line', () => {
  const cases: [string, Invocation][] = [
    ['auth workiq', { kind: 'auth_connect', method: 'auto', trustNewKey: false }],
    ['auth workiq --browser', { kind: 'auth_connect', method: 'browser', trustNewKey: false }],
    ['auth workiq --device-code --trust-new-key', { kind: 'auth_connect', method: 'device_code', trustNewKey: true }],
    ['auth status', { kind: 'auth_status' }],
    ['auth disconnect', { kind: 'auth_disconnect' }],
    ['tools list', { kind: 'tools_list', server: undefined }],
    ['tools list workiq', { kind: 'tools_list', server: 'workiq' }],
    ['tools call workiq fetch', { kind: 'tools_call', server: 'workiq', tool: 'fetch', args: undefined }],
    ['tools call workiq ask --args @-', { kind: 'tools_call', server: 'workiq', tool: 'ask', args: '@-' }],
    ['servers list', { kind: 'servers_list' }],
    [
      'servers add workiq',
      { kind: 'servers_add', name: 'workiq', url: undefined, profile: undefined, type: undefined },
    ],
    [
      'servers add mail --url https://x/y --profile mail --type sse',
      { kind: 'servers_add', name: 'mail', url: 'https://x/y', profile: 'mail', type: 'sse' },
    ],
    ['servers remove mail', { kind: 'servers_remove', name: 'mail' }],
    ['results', { kind: 'results', follow: false }],
    ['results --follow', { kind: 'results', follow: true }],
    ['agent', { kind: 'agent_run' }],
    ['agent status', { kind: 'agent_status' }],
    ['doctor', { kind: 'doctor', refresh: false, probe: false }],
    ['doctor --refresh --probe', { kind: 'doctor', refresh: true, probe: true }],
  ];
  for (const [line, invocation] of cases) {
    test(`command line - "${line}" is understood`, async () => {
      const parsed = await parse(...line.split(' '));
      assert.ok(parsed.kind === 'run');
      assert.deepEqual(parsed.invocation, invocation);
    });
  }

  test('command line - global options stand before, between and after the words of a command', async () => {
    const globals = ['--nats', 'ws://h:1', '--nkey', 'f', '--agent', 'a', '--json', '--timeout', '2.5'];
    for (const at of [0, 1, 2]) {
      const parsed = await parse(...['auth', 'status'].toSpliced(at, 0, ...globals));
      assert.ok(parsed.kind === 'run');
      assert.deepEqual(parsed.invocation, { kind: 'auth_status' });
      assert.deepEqual(parsed.globals, { nats: 'ws://h:1', nkey: 'f', agent: 'a', json: true, timeoutMs: 2_500 });
    }
  });

  const refused: [string, RegExp, RegExp][] = [
    ['', /^$/, /^$/],
    ['nonsense', /Unknown command 'nonsense'/, /"rockbot --help"/],
    ['tool list', /Did you mean tools/, /"rockbot --help"/],
    ['login', /Unknown command 'login'/, /^Run "rockbot auth workiq"\.$/],
    ['--json signin', /Unknown command 'signin'/, /^Run "rockbot auth workiq"\.$/],
    ['logout', /Unknown command 'logout'/, /^Run "rockbot auth disconnect"\.$/],
    ['auth login', /Unknown command 'login'/, /^Run "rockbot auth workiq"\.$/],
    ['auth logout', /Unknown command 'logout'/, /^Run "rockbot auth disconnect"\.$/],
    ['constructor', /Unknown command/, /"rockbot --help"/],
    ['auth', /needs a subcommand/, /"rockbot auth --help"/],
    ['tools call workiq', /Missing required argument 'tool'/, /"rockbot tools call --help"/],
    ['tools call a b c', /Too many arguments/, /"rockbot tools call --help"/],
    ['auth workiq --browser --device-code', /cannot be used with/, /"rockbot auth workiq --help"/],
    ['auth status --frobnicate', /Unknown option '--frobnicate'/, /"rockbot auth status --help"/],
    ['auth status --timeout soon', /"soon" is no number of seconds/, /--timeout/],
    ['auth status --timeout 0', /"0" is no number of seconds/, /--timeout/],
    ['auth status --nkey a --creds b', /exclude each other/, /one of them/],
    ['servers add x --type stdio', /Allowed choices/, /"rockbot servers add --help"/],
  ];
  for (const [line, message, action] of refused.slice(1)) {
    test(`command line - "${line}" is refused with a hint`, async () => {
      await assert.rejects(parse(...line.split(' ')), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        assert.match(error.action ?? '', action);
        return true;
      });
    });
  }

  test('command line - every command explains itself with examples and the global options', async () => {
    const commands = cases.map(([line]) => line.split(' ').filter((word) => /^[a-z]+$/.test(word)));
    for (const words of commands) {
      const path = words.slice(0, words[0] === 'doctor' || words[0] === 'results' ? 1 : 2);
      const { kind, text } = await parse(...path, '--help');
      assert.equal(kind, 'done');
      assert.match(text, /Examples:\n {2}\$ rockbot /, path.join(' '));
      assert.match(text, /--nats <url>/, path.join(' '));
    }
  });

  test('command line - alone it prints the help, and --version the version', async () => {
    assert.match((await parse()).text, /^Usage: rockbot/);
    assert.equal((await parse('--version')).text, '1.2.3\n');
  });
});
