// rockbot resources and prompts as child processes against a real bus, and the questions of a server in a real terminal's place.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import pc from 'picocolors';
import { askInTerminal, type TerminalAnswer } from '../../extension/cli/ask-in-terminal.ts';
import type { ElicitationAsked } from '../../shared/contract/elicitation-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { jsonLines, startCli } from '../support/cli.ts';
import { cliScenes } from '../support/cli-scene.ts';
import { until } from '../support/until.ts';

const scenes = cliScenes('content');
const scene = scenes.open;

const resources = {
  servers: [
    {
      name: 'docs',
      resources: [
        { uri: 'docs://guide', name: 'guide', title: 'The guide', mimeType: 'text/markdown', size: 1_234 },
        { uri: 'docs://logo', name: 'logo', description: 'A \u001b[31mpicture' },
      ],
      templates: [{ uriTemplate: 'docs://page/{number}', name: 'page' }],
      truncated: true,
    },
    {
      name: 'mail',
      resources: [],
      templates: [],
      error: { code: 'auth_required', message: 'Nobody is signed in.', retryable: false, action: 'Sign in.' },
    },
  ],
};

describe('rockbot resources', () => {
  test('resources list - addresses whole, titles, templates, and why a server has none', async () => {
    await using at = await scene({ content: { resourceList: () => resources } });
    const { code, stdout } = await at.run('resources', 'list');
    assert.equal(code, 0);
    assert.match(stdout, /^docs {2}3 resources$/m);
    assert.match(stdout, /^ {2}docs:\/\/guide +The guide · text\/markdown · 1\.2 kB$/m);
    assert.match(stdout, /^ {2}docs:\/\/page\/\{number\} +template: page$/m);
    assert.match(stdout, /There are more than the agent lists/);
    assert.match(stdout, /^mail {2}0 resources\n {2}Nobody is signed in\.\n {2}→ Sign in\.$/m);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(stdout, /\u001b/);
    assert.deepEqual(jsonLines((await at.run('resources', 'list', 'docs', '--json')).stdout), [
      { ok: true, ...resources },
    ]);
  });

  test('resources read - text is shown, bytes are saved, parts are told apart', async () => {
    await using at = await scene({
      content: {
        resourceRead: ({ server, uri }) => {
          const part =
            uri === 'docs://logo' ? { uri, mimeType: 'image/png', blob: 'iVBORw==' } : { uri, text: 'Hällo\nyou' };
          return {
            server,
            uri,
            durationMs: 5,
            contents: uri === 'docs://both' ? [part, { ...part, uri: 'docs://2' }] : [part],
          };
        },
      },
    });
    const shown = await at.run('resources', 'read', 'docs', 'docs://guide');
    assert.equal(shown.stdout, 'Hällo\nyou\n');
    assert.match(shown.stderr, /docs docs:\/\/guide, 5 ms/);
    assert.match(
      (await at.run('resources', 'read', 'docs', 'docs://logo')).stdout,
      /image\/png, 4 bytes; save it with --output/,
    );
    const file = join(scenes.folder.path, 'logo.png');
    const saved = await at.run('resources', 'read', 'docs', 'docs://logo', '--output', file);
    assert.match(saved.stdout, /Saved 4 bytes/);
    assert.equal((await readFile(file)).toString('base64'), 'iVBORw==');
    const json = await at.run('resources', 'read', 'docs', 'docs://guide', '--json');
    assert.deepEqual(jsonLines(json.stdout)[0]?.['contents'], [{ uri: 'docs://guide', text: 'Hällo\nyou' }]);
    const both = await at.run('resources', 'read', 'docs', 'docs://both', '-o', file);
    assert.equal(both.code, 1);
    assert.match(both.stderr, /has 2 parts/);
    assert.match(
      (await at.run('resources', 'read', 'docs', 'docs://both')).stdout,
      /docs:\/\/both:\nHällo[\s\S]*docs:\/\/2:\n/,
    );
  });

  test('resources read - what the agent refuses has its exit code', async () => {
    const refuse = (): never => {
      throw new RockBotError({ code: 'auth_required', message: 'Nobody is signed in.', action: 'Sign in.' });
    };
    await using at = await scene({ content: { resourceRead: refuse } });
    const { code, stderr } = await at.run('resources', 'read', 'docs', 'docs://guide');
    assert.equal(code, 77);
    assert.match(stderr, /Nobody is signed in/);
    assert.equal((await at.run('resources', 'read', 'docs')).code, 2);
  });
});

describe('rockbot prompts', () => {
  const listed = {
    servers: [
      {
        name: 'docs',
        prompts: [
          { name: 'summary', description: 'Sums up', arguments: [{ name: 'day', required: true }, { name: 'length' }] },
        ],
      },
    ],
  };

  test('prompts list and get - arguments are shown, texts are filled in', async () => {
    await using at = await scene({
      content: {
        promptList: () => listed,
        promptGet: ({ server, name, arguments: args }) => ({
          server,
          name,
          durationMs: 5,
          description: 'A summary',
          messages: [
            { role: 'user', content: { type: 'text', text: `Sum up ${args['day']}.` } },
            { role: 'assistant', content: { type: 'image', data: '' } },
          ],
        }),
      },
    });
    assert.match((await at.run('prompts', 'list')).stdout, /^ {2}summary +Sums up · day \[length\]$/m);
    const { stdout } = await at.run('prompts', 'get', 'docs', 'summary', '--args', '{"day":"Monday"}');
    assert.equal(stdout, 'A summary\n\nuser:\nSum up Monday.\n\nassistant:\n(image; see --json)\n');
    const wrong = await at.run('prompts', 'get', 'docs', 'summary', '--args', '{"day":1}');
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /arguments of a prompt are texts/);
    const json = await at.run('--json', 'prompts', 'get', 'docs', 'summary', '--args', '{"day":"Monday"}');
    assert.equal((jsonLines(json.stdout)[0]?.['messages'] as unknown[] | undefined)?.length, 2);
  });
});

const question: ElicitationAsked = {
  elicitationId: 'e-1',
  server: 'weather',
  message: 'Which city?',
  requestedSchema: {
    type: 'object',
    properties: {
      city: { type: 'string', title: 'City', minLength: 2 },
      units: {
        type: 'string',
        oneOf: [
          { const: 'm', title: 'Metric' },
          { const: 'i', title: 'Imperial' },
        ],
      },
      days: { type: 'integer', minimum: 1, default: 3 },
      rain: { type: 'boolean' },
      what: { type: 'array', items: { type: 'string', enum: ['wind', 'sun'] } },
    },
    required: ['city'],
  },
  expiresAt: '2026-11-23T10:00:00.000Z',
};

interface Terminal {
  answer: Promise<TerminalAnswer | undefined>;
  shown: () => string;
  close: AbortController;
}

/** Each line is typed when its prompt is there. */
function terminal(typed: readonly (string | null)[]): Terminal {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()];
  const close = new AbortController();
  let shown = '';
  let left = [...typed];
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
    if (!/(?:\] |: )$/.test(chunk) || left.length === 0) return;
    const [line, ...rest] = left;
    left = rest;
    setImmediate(() => (line === null ? stdin.end() : stdin.write(`${line}\n`)));
  });
  const colors = pc.createColors(false);
  const answer = askInTerminal(question, { stdin, stderr, colors, signal: close.signal, onInterrupt: () => undefined });
  return { answer, shown: () => shown, close };
}

describe('rockbot tools call - questions of a server', () => {
  test('questions - field by field, with what is wrong said at once', async () => {
    const { answer, shown } = terminal(['y', '', 'x', 'Oslo', '2', 'zero', '0', '5', 'y', '2, wind']);
    assert.deepEqual(await answer, {
      action: 'accept',
      content: { city: 'Oslo', units: 'i', days: 5, rain: true, what: ['sun', 'wind'] },
    });
    assert.match(shown(), /weather asks: Which city\?/);
    assert.match(
      shown(),
      /This is required\.[\s\S]*Enter at least 2 characters[\s\S]*This has to be a whole number[\s\S]*Enter 1 or more/,
    );
  });

  test('questions - declining is the default, the end of the input cancels, and what is optional may be left out', async () => {
    assert.deepEqual(await terminal(['']).answer, { action: 'decline' });
    assert.deepEqual(await terminal(['y', null]).answer, { action: 'cancel' });
    assert.deepEqual(await terminal(['yes', 'Oslo', '', '', '', '']).answer, {
      action: 'accept',
      content: { city: 'Oslo', days: 3 },
    });
  });

  test('questions - one that was answered elsewhere goes away', async () => {
    const { answer, shown, close } = terminal([]);
    await until('it is asked', () => /\[y\/N\]/.test(shown()));
    close.abort('It was answered elsewhere.');
    assert.equal(await answer, undefined);
  });

  test('questions - without a terminal nobody is asked, and it is said who can answer', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const answered: unknown[] = [];
    await using at = await scene({
      tool: async () => {
        await held;
        return { content: [{ type: 'text', text: 'done' }] };
      },
      content: { elicitationAnswer: (request) => Object.assign(answered, [request]) },
    });
    await using cli = startCli(['tools', 'call', 'weather', 'forecast'], { env: at.env });
    const callId = await until('the call is there', () => at.agent.calls[0]?.callId);
    await at.agent.publish('elicitationAsked', { ...question, callId: 'another', message: 'Not for you' });
    await at.agent.publish('elicitationAsked', { ...question, callId });
    await cli.printed('stderr', /weather asks: Which city\? \(It can be answered in VS Code\.\)/);
    release();
    const { code, stderr } = await cli.exited;
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /Not for you/);
    assert.deepEqual(answered, []);
  });
});
