// Servers that others wrote, over the real bus: the MCP reference servers "everything" (stdio, streamable HTTP, SSE) and
// "filesystem" (it has stdio only), with all that they offer. Names are listed in full, so that an upgrade that adds something
// is noticed here.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { connectBus, type Bus } from '../../extension/bus.ts';
import type { ElicitationAsked } from '../../shared/contract/elicitation-messages.ts';
import type { ReplyOf } from '../../shared/contract/contract.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { startAgentProcess, type AgentProcess } from '../support/agent-process.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { failureOf } from '../support/call-failure.ts';
import { startChild, type Child } from '../support/child.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const everything = programIn(import.meta.resolve('@modelcontextprotocol/server-everything/package.json'));
const filesystem = programIn(import.meta.resolve('@modelcontextprotocol/server-filesystem/package.json'));

const cleanup = new AsyncDisposableStack();
let root: string;
let http: Child;
let httpPort: number;
let agent: AgentProcess;
let ui: Bus;
let tap: BusTap;

before(async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'rockbot-files-')));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  root = join(folder, 'root');
  await mkdir(root);
  const nats = cleanup.use(await startTestNats());
  let ssePort: number;
  [{ child: http, port: httpPort }, { port: ssePort }] = await Promise.all([
    startOverHttp('streamableHttp'),
    startOverHttp('sse'),
  ]);
  agent = cleanup.use(
    await startAgentProcess({
      busUrl: nats.url,
      env: {
        WorkIQ__TenantId: crypto.randomUUID(),
        WorkIQ__ClientId: crypto.randomUUID(),
        Log__Level: 'debug',
        KEY_OF_THE_AGENT: 'hunter2hunter2',
      },
      mcpConfig: {
        mcpServers: {
          stdio: { command: process.execPath, args: [everything, 'stdio'], env: { GREETING: 'hello' } },
          http: { url: `http://127.0.0.1:${httpPort}/mcp` },
          sse: { type: 'sse', url: `http://127.0.0.1:${ssePort}/sse` },
          unchecked: { command: process.execPath, args: [everything, 'stdio'], checkArguments: false },
          files: { command: process.execPath, args: [filesystem, root] },
          nowhere: { command: process.execPath, args: [filesystem, join(folder, 'missing')] },
        },
      },
    }),
  );
  tap = cleanup.use(await tapBus(nats.url));
  ui = await connectBus({ url: nats.url, agent: 'rockbot', source: 'test' });
  cleanup.defer(() => ui.close());
});

after(() => cleanup.disposeAsync());

function programIn(packageUrl: string): string {
  return join(dirname(fileURLToPath(packageUrl)), 'dist', 'index.js');
}

/** The reference server on a free port; it cannot be asked for one, so that another is tried when it was taken meanwhile. */
async function startOverHttp(mode: 'streamableHttp' | 'sse', port?: number): Promise<{ child: Child; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const candidate = port ?? (await freePort());
    try {
      const child = await startChild({
        name: mode,
        args: [everything, mode],
        env: { PORT: String(candidate) },
        readyLine: (line) => (/(?:listening|running) on port/.test(line) ? true : undefined),
      });
      cleanup.use(child);
      return { child, port: candidate };
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listed(name: string): Promise<ListedServer> {
  const [server] = (await ui.request('toolList', { server: name })).servers;
  assert.ok(server, `${name} is not listed`);
  return server;
}

const namesOf = ({ tools }: ListedServer): string[] =>
  tools.map(({ name, sideEffects }) => `${name} ${sideEffects}`).toSorted();

/** Lists may grow right after the connect, by what the server offers to clients that can do what it needs. */
async function untilListed(name: string, wanted: readonly string[]): Promise<ListedServer> {
  let seen: ListedServer | undefined;
  return until(
    () => `${name} is ${seen?.state} with ${seen?.tools.map((tool) => tool.name).join()}`,
    async () => {
      seen = await listed(name);
      return seen.state === 'ready' && seen.tools.length >= wanted.length && seen;
    },
  );
}

interface Block {
  type: string;
  text?: string;
  data?: string;
  mimeType?: string;
  uri?: string;
  annotations?: object;
  resource?: { uri: string; text?: string; blob?: string };
}

interface ToolAnswer {
  content: Block[];
  structuredContent?: unknown;
}

/** What was called with success, as `server tool`. */
const called = new Set<string>();

type CallOptions = { callId?: string; timeoutMs?: number };

async function invoke(
  server: string,
  tool: string,
  args: object = {},
  { callId = crypto.randomUUID(), timeoutMs = 30_000 }: CallOptions = {},
): Promise<ReplyOf<'toolInvoke'>> {
  const request = { callId, server, tool, arguments: { ...args }, timeoutMs };
  const reply = await ui.request('toolInvoke', request, { timeoutMs: timeoutMs + 10_000 });
  called.add(`${server} ${tool}`);
  return reply;
}

async function answerOf(...[server, tool, args, options]: Parameters<typeof invoke>): Promise<ToolAnswer> {
  const { result, outputProblems } = await invoke(server, tool, args, options);
  assert.equal(outputProblems, undefined);
  return result as unknown as ToolAnswer;
}

async function textOf(...call: Parameters<typeof invoke>): Promise<string> {
  return (await answerOf(...call)).content.map(({ text }) => text ?? '').join('\n');
}

function questionOf(callId: string): Promise<ElicitationAsked> {
  return until('the question is asked', () => {
    const asked = tap.on('elicitation.asked.rockbot').find((event) => event['callId'] === callId);
    return asked as ElicitationAsked | undefined;
  });
}

const progressOf = (callId: string): Record<string, unknown>[] => tap.on(`tool.progress.rockbot.${callId}`);

const everythingTools = [
  'echo read',
  'get-annotated-message read',
  'get-env read',
  'get-resource-links read',
  'get-resource-reference read',
  'get-structured-content read',
  'get-sum read',
  'get-tiny-image read',
  'gzip-file-as-resource write',
  'simulate-research-query write',
  'toggle-simulated-logging write',
  'toggle-subscriber-updates write',
  'trigger-elicitation-request write',
  'trigger-long-running-operation read',
];
const documents = [
  'architecture.md',
  'extension.md',
  'features.md',
  'how-it-works.md',
  'instructions.md',
  'startup.md',
  'structure.md',
];

describe('other servers - "everything"', { concurrency: true }, () => {
  for (const server of ['stdio', 'http', 'sse']) {
    // One call at a time: which call a question belongs to can be told over HTTP only.
    describe(`other servers - "everything" over ${server}`, { concurrency: 1 }, () => {
      test(`other servers - everything over ${server}: all its tools are there, also those it adds for a client that takes questions`, async () => {
        const found = await untilListed(server, everythingTools);
        assert.deepEqual(namesOf(found), everythingTools);
        assert.equal(found.version, '2.0.0');
        assert.deepEqual(found.hidden, []);
      });

      test(`other servers - everything over ${server}: tools for sampling, roots and urls are not offered, and calling one says so`, async () => {
        for (const tool of ['trigger-sampling-request', 'get-roots-list', 'trigger-url-elicitation']) {
          const error = await failureOf(invoke(server, tool, { prompt: 'x' }));
          assert.deepEqual([error.code, error.retryable], ['tool_not_found', false]);
          assert.match(error.action ?? '', /\bget-sum\b/);
        }
      });

      test(`other servers - everything over ${server}: texts, pictures, notes on them, links, embedded resources and structured content arrive as sent`, async () => {
        assert.equal(await textOf(server, 'echo', { message: 'Grüße "\\" 🙂' }), 'Echo: Grüße "\\" 🙂');
        assert.equal(await textOf(server, 'get-sum', { a: 2, b: 40.5 }), 'The sum of 2 and 40.5 is 42.5.');

        const [, image] = (await answerOf(server, 'get-tiny-image')).content;
        assert.deepEqual([image?.type, image?.mimeType], ['image', 'image/png']);
        assert.equal(Buffer.from(image?.data ?? '', 'base64').toString('latin1', 1, 4), 'PNG');

        const annotated = await answerOf(server, 'get-annotated-message', { messageType: 'error', includeImage: true });
        assert.deepEqual(
          annotated.content.map(({ type, annotations }) => ({ type, annotations })),
          [
            { type: 'text', annotations: { priority: 1, audience: ['user', 'assistant'] } },
            { type: 'image', annotations: { priority: 0.5, audience: ['user'] } },
          ],
        );

        const links = await answerOf(server, 'get-resource-links', { count: 2 });
        assert.deepEqual(
          links.content.map(({ type, uri }) => [type, uri]),
          [
            ['text', undefined],
            ['resource_link', 'demo://resource/dynamic/blob/1'],
            ['resource_link', 'demo://resource/dynamic/text/2'],
          ],
        );
        const embedded = await answerOf(server, 'get-resource-reference', { resourceType: 'Blob', resourceId: 3 });
        const { uri, blob = '' } = embedded.content[1]?.resource ?? { uri: '' };
        assert.equal(uri, 'demo://resource/dynamic/blob/3');
        assert.match(Buffer.from(blob, 'base64').toString(), /^Resource 3: /);

        const weather = await answerOf(server, 'get-structured-content', { location: 'Chicago' });
        assert.deepEqual(weather.structuredContent, {
          temperature: 36,
          conditions: 'Light rain / drizzle',
          humidity: 82,
        });
      });

      test(`other servers - everything over ${server}: wrong arguments are told before anything is sent`, async () => {
        for (const [tool, args] of [
          ['get-sum', { a: 'two', b: 1 }],
          ['get-structured-content', { location: 'Rome' }],
          ['get-resource-links', { count: 11 }],
          ['echo', {}],
        ] as const) {
          const error = await failureOf(invoke(server, tool, args));
          assert.deepEqual([error.code, error.result], ['invalid_arguments', undefined], tool);
        }
      });

      test(`other servers - everything over ${server}: a long call tells its progress and its end`, async () => {
        const callId = crypto.randomUUID();
        const said = await textOf(server, 'trigger-long-running-operation', { duration: 1, steps: 4 }, { callId });
        assert.equal(said, 'Long running operation completed. Duration: 1 seconds, Steps: 4.');
        const told = progressOf(callId).flatMap(({ progress, total }) => (total === 4 ? [progress] : []));
        const all = progressOf(callId).map(({ progress }) => Number(progress));
        assert.deepEqual(all, all.toSorted(), 'it never goes back');
        // The SDK may drop a step that comes together with the answer, and of steps close together the last one is told.
        assert.equal(told[0], 1);
        assert.ok(told.length > 1 && told.every((step) => [1, 2, 3, 4].includes(Number(step))), told.join());
      });

      test(`other servers - everything over ${server}: a long call can be cancelled, and the server goes on answering`, async () => {
        const callId = crypto.randomUUID();
        const call = failureOf(
          invoke(server, 'trigger-long-running-operation', { duration: 60, steps: 600 }, { callId }),
        );
        await until('it runs', () => progressOf(callId).length > 0);
        assert.equal((await ui.request('toolCancel', { callId })).cancelled, true);
        assert.equal((await call).code, 'cancelled');
        const late = await failureOf(
          invoke(server, 'trigger-long-running-operation', { duration: 60, steps: 6 }, { timeoutMs: 300 }),
        );
        assert.deepEqual([late.code, late.retryable], ['timeout', true]);
        assert.equal(await textOf(server, 'echo', { message: 'still' }), 'Echo: still');
      });

      test(`other servers - everything over ${server}: a question reaches a person with every kind of field, and the answer the tool`, async () => {
        const callId = crypto.randomUUID();
        const call = textOf(server, 'trigger-elicitation-request', {}, { callId });
        const { elicitationId, message, requestedSchema, caller } = await questionOf(callId);
        assert.equal(message, 'Please provide inputs for the following fields:');
        assert.equal(caller, 'test');
        const fields = requestedSchema['properties'] as Record<string, { type: string }>;
        assert.deepEqual(
          Object.entries(fields).map(([name, { type }]) => `${name} ${type}`),
          [
            'name string',
            'check boolean',
            'firstLine string',
            'email string',
            'homepage string',
            'birthdate string',
            'integer integer',
            'number number',
            'untitledSingleSelectEnum string',
            'untitledMultipleSelectEnum array',
            'titledSingleSelectEnum string',
            'titledMultipleSelectEnum array',
            'legacyTitledEnum string',
          ],
        );
        const wrong = await failureOf(
          ui.request('elicitationAnswer', { elicitationId, action: 'accept', content: { integer: 1_000 } }),
        );
        assert.equal(wrong.code, 'invalid_arguments');
        const content = { name: 'Adele', check: true, integer: 7, untitledMultipleSelectEnum: ['Piano', 'Drums'] };
        await ui.request('elicitationAnswer', { elicitationId, action: 'accept', content });
        const said = await call;
        assert.match(said, /- Name: Adele\n- Agreed to terms: true\n- Favorite Integer: 7/);
        assert.match(said, /"Piano",\s+"Drums"/);
        await until('its end is told', () =>
          tap
            .on('elicitation.closed.rockbot')
            .some((event) => event['elicitationId'] === elicitationId && event['outcome'] === 'accepted'),
        );
      });

      test(`other servers - everything over ${server}: a question can be declined, and one that nobody answers is declined in time`, async () => {
        const callId = crypto.randomUUID();
        const call = textOf(server, 'trigger-elicitation-request', {}, { callId });
        const { elicitationId } = await questionOf(callId);
        await ui.request('elicitationAnswer', { elicitationId, action: 'decline' });
        assert.match(await call, /"action": "decline"/);
        assert.match(
          await textOf(server, 'trigger-elicitation-request', {}, { timeoutMs: 7_000 }),
          /"action": "decline"/,
        );
      });

      test(`other servers - everything over ${server}: a tool that runs only as a task is run as one, with its question and its progress`, async () => {
        const callId = crypto.randomUUID();
        const call = textOf(server, 'simulate-research-query', { topic: 'python', ambiguous: true }, { callId });
        const { elicitationId, requestedSchema } = await questionOf(callId);
        const fields = requestedSchema['properties'] as Record<string, { oneOf?: { const: string }[] }>;
        const interpretation = fields['interpretation']?.oneOf?.[0]?.const ?? '';
        assert.notEqual(interpretation, '');
        await ui.request('elicitationAnswer', { elicitationId, action: 'accept', content: { interpretation } });
        const report = await call;
        assert.ok(report.startsWith(`# Research Report: python (${interpretation})`), report.slice(0, 200));
        const messages = progressOf(callId).map(({ message }) => message);
        assert.ok(messages.includes('Gathering sources...'), messages.join());
      });

      test(`other servers - everything over ${server}: resources and templates are listed and read; one that a tool makes is there at once`, async () => {
        await invoke(server, 'gzip-file-as-resource', { name: 'made.gz', data: 'data:text/plain,hello' });
        const [found] = (await ui.request('resourceList', { server })).servers;
        assert.deepEqual(
          found?.resources.map(({ name }) => name),
          [...documents, 'made.gz'],
        );
        assert.deepEqual(
          found?.templates.map(({ uriTemplate }) => uriTemplate),
          ['demo://resource/dynamic/text/{resourceId}', 'demo://resource/dynamic/blob/{resourceId}'],
        );
        const read = async (uri: string) => (await ui.request('resourceRead', { server, uri })).contents[0];
        const document = await read('demo://resource/static/document/startup.md');
        assert.equal(document?.mimeType, 'text/markdown');
        assert.match(document?.text ?? '', /^# Everything Server - Startup Process/);
        assert.match((await read('demo://resource/dynamic/text/7'))?.text ?? '', /^Resource 7: /);
        const blob = await read('demo://resource/dynamic/blob/7');
        assert.match(Buffer.from(blob?.blob ?? '', 'base64').toString(), /^Resource 7: /);
        const made = await read('demo://resource/session/made.gz');
        assert.equal(gunzipSync(Buffer.from(made?.blob ?? '', 'base64')).toString(), 'hello');
        for (const [uri, code] of [
          ['demo://resource/dynamic/text/seven', 'execution_failed'],
          ['demo://nothing', 'tool_not_found'],
        ] as const)
          assert.equal((await failureOf(ui.request('resourceRead', { server, uri }))).code, code, uri);
      });

      test(`other servers - everything over ${server}: prompts are listed and filled in`, async () => {
        const [found] = (await ui.request('promptList', { server })).servers;
        assert.deepEqual(
          found?.prompts.map(({ name, arguments: args = [] }) => [
            name,
            ...args.map((argument) => `${argument.name}${argument.required === true ? '!' : ''}`),
          ]),
          [
            ['simple-prompt'],
            ['args-prompt', 'city!', 'state'],
            ['completable-prompt', 'department!', 'name!'],
            ['resource-prompt', 'resourceType!', 'resourceId!'],
          ],
        );
        const get = async (name: string, args: Record<string, string> = {}): Promise<unknown[]> =>
          (await ui.request('promptGet', { server, name, arguments: args })).messages.map(({ content }) => content);
        const saying = (text: string): unknown[] => [{ type: 'text', text }];
        assert.deepEqual(await get('simple-prompt'), saying('This is a simple prompt without arguments.'));
        assert.deepEqual(await get('args-prompt', { city: 'Rome' }), saying("What's weather in Rome?"));
        assert.deepEqual(
          await get('completable-prompt', { department: 'Sales', name: 'Eve' }),
          saying('Please promote Eve to the head of the Sales team.'),
        );
        const [, embedded] = await get('resource-prompt', { resourceType: 'Text', resourceId: '3' });
        assert.partialDeepStrictEqual(embedded, {
          type: 'resource',
          resource: { uri: 'demo://resource/dynamic/text/3' },
        });
        for (const [name, code] of [
          ['args-prompt', 'invalid_arguments'],
          ['no-prompt', 'tool_not_found'],
        ] as const)
          assert.equal((await failureOf(get(name))).code, code, name);
      });

      test(`other servers - everything over ${server}: it sees its own environment${server === 'stdio' ? ' and the basics, nothing of the agent [P6]' : ''}`, async () => {
        const environment = JSON.parse(await textOf(server, 'get-env')) as Record<string, string>;
        if (server !== 'stdio') {
          assert.ok(environment['PATH'], 'what its operator gave it');
          return;
        }
        assert.equal(environment['GREETING'], 'hello');
        const basics = ['GREETING', 'HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];
        assert.deepEqual(
          Object.keys(environment).filter((name) => !basics.includes(name)),
          [],
        );
        assert.doesNotMatch(JSON.stringify(environment), /hunter2/);
      });

      test(`other servers - everything over ${server}: what it logs is in the agent's log, and its updates disturb nobody`, async () => {
        assert.match(await textOf(server, 'toggle-simulated-logging'), /^Started simulated/);
        assert.match(await textOf(server, 'toggle-subscriber-updates'), /^Started simulated/);
        await until('it is in the log', () =>
          agent
            .output()
            .split('\n')
            .some((line) => line.includes('"A server logs."') && line.includes(`"server":"${server}"`)),
        );
        assert.match(await textOf(server, 'toggle-simulated-logging'), /^Stopped simulated/);
        assert.match(await textOf(server, 'toggle-subscriber-updates'), /^Stopped simulated/);
      });

      test(`other servers - everything over ${server}: each of its tools was called by these tests`, () => {
        const names = everythingTools.map((tool) => `${server} ${tool.split(' ')[0]}`);
        assert.deepEqual(
          names.filter((name) => !called.has(name)),
          [],
        );
      });
    });
  }
});

describe('other servers - "everything", alone', () => {
  test('other servers - a server that judges arguments itself is quoted', async () => {
    const wrong = await failureOf(invoke('unchecked', 'get-sum', { a: 'two' }));
    assert.equal(wrong.code, 'invalid_arguments');
    assert.match(wrong.message, /expected number/);
    const failed = await failureOf(
      invoke('unchecked', 'get-resource-reference', { resourceType: 'Text', resourceId: -1 }),
    );
    assert.deepEqual([failed.code, failed.retryable], ['execution_failed', false]);
    assert.match(failed.message, /Invalid resourceId: -1/);
  });

  test('other servers - a server over HTTP that was restarted is found again, with a new session', async () => {
    assert.equal(await textOf('http', 'echo', { message: 'before' }), 'Echo: before');
    http.kill('SIGKILL');
    await http.exited;
    ({ child: http } = await startOverHttp('streamableHttp', httpPort));
    assert.equal(
      await until('it answers', () => textOf('http', 'echo', { message: 'after' }).catch(() => false)),
      'Echo: after',
    );
    assert.deepEqual(namesOf(await untilListed('http', everythingTools)), everythingTools);
  });
});

describe('other servers - "filesystem"', () => {
  const at = (path: string): string => join(root, path);
  const said = (tool: string, args: object = {}): Promise<string> => textOf('files', tool, args);
  const refused = async (tool: string, args: object): Promise<{ code: string; message: string }> => {
    const { code, message } = await failureOf(invoke('files', tool, args));
    return { code, message };
  };

  test('other servers - filesystem: all its tools are there, told apart by whether they may change something', async () => {
    const wanted = [
      'create_directory write',
      'directory_tree read',
      'edit_file write',
      'get_file_info read',
      'list_allowed_directories read',
      'list_directory read',
      'list_directory_with_sizes read',
      'move_file write',
      'read_file read',
      'read_media_file read',
      'read_multiple_files read',
      'read_text_file read',
      'search_files read',
      'write_file write',
    ];
    const found = await untilListed('files', wanted);
    assert.deepEqual(namesOf(found), wanted);
    assert.equal(found.version, '0.2.0');
    assert.ok(found.tools.every(({ outputSchema }) => outputSchema !== undefined));
    assert.equal(await said('list_allowed_directories'), `Allowed directories:\n${root}`);
  });

  test('other servers - filesystem: files are written, read in every way, edited, moved and found', async () => {
    await said('create_directory', { path: at('notes/old') });
    await said('write_file', { path: at('notes/a.txt'), content: 'one\ntwo\nthree' });
    assert.equal(await readFile(at('notes/a.txt'), 'utf8'), 'one\ntwo\nthree');
    assert.equal(await said('read_text_file', { path: at('notes/a.txt') }), 'one\ntwo\nthree');
    assert.equal(await said('read_text_file', { path: at('notes/a.txt'), head: 1 }), 'one');
    assert.equal(await said('read_file', { path: at('notes/a.txt'), tail: 1 }), 'three');

    const edits = [{ oldText: 'two', newText: 'zwei' }];
    assert.match(await said('edit_file', { path: at('notes/a.txt'), edits, dryRun: true }), /-two\n\+zwei/);
    assert.equal(await readFile(at('notes/a.txt'), 'utf8'), 'one\ntwo\nthree', 'a dry run changes nothing');
    await said('edit_file', { path: at('notes/a.txt'), edits });
    assert.equal(await readFile(at('notes/a.txt'), 'utf8'), 'one\nzwei\nthree');

    await writeFile(at('dot.png'), 'PNG');
    const picture = { type: 'image', data: Buffer.from('PNG').toString('base64'), mimeType: 'image/png' };
    assert.deepEqual(await answerOf('files', 'read_media_file', { path: at('dot.png') }), {
      content: [picture],
      structuredContent: { content: [picture] },
    });
    const several = await said('read_multiple_files', { paths: [at('notes/a.txt'), at('missing')] });
    assert.match(several, /zwei[\s\S]*missing: Error - ENOENT/);

    await said('move_file', { source: at('notes/a.txt'), destination: at('notes/old/b.txt') });
    assert.equal(await said('list_directory', { path: root }), '[FILE] dot.png\n[DIR] notes');
    assert.match(await said('list_directory_with_sizes', { path: at('notes/old') }), /b\.txt +14 B/);
    assert.deepEqual(JSON.parse(await said('directory_tree', { path: at('notes') })), [
      { name: 'old', type: 'directory', children: [{ name: 'b.txt', type: 'file' }] },
    ]);
    assert.equal(await said('search_files', { path: root, pattern: '**/*.txt' }), at('notes/old/b.txt'));
    assert.match(await said('get_file_info', { path: at('notes/old/b.txt') }), /^size: 14\n[\s\S]*isFile: true/);
  });

  test('other servers - filesystem: what lies outside its folder is refused, by whatever way one asks for it', async () => {
    await writeFile(join(root, '..', 'secret.txt'), 'hunter2hunter2');
    await symlink(join(root, '..', 'secret.txt'), at('link.txt'));
    for (const [tool, args] of [
      ['read_text_file', { path: join(root, '..', 'secret.txt') }],
      ['read_text_file', { path: `${root}/../secret.txt` }],
      ['read_text_file', { path: at('link.txt') }],
      ['list_directory', { path: '/' }],
      ['write_file', { path: join(root, '..', 'new.txt'), content: 'x' }],
      ['move_file', { source: at('dot.png'), destination: join(root, '..', 'dot.png') }],
    ] as const) {
      const { code, message } = await refused(tool, args);
      assert.equal(code, 'execution_failed', tool);
      assert.match(message, /^Access denied - /);
      assert.doesNotMatch(message, /hunter2/);
    }
    await assert.rejects(readFile(join(root, '..', 'new.txt')), { code: 'ENOENT' });
  });

  test('other servers - filesystem: what cannot be done is told in the words of the server, and nothing changed', async () => {
    await said('write_file', { path: at('a.txt'), content: 'one' });
    await said('write_file', { path: at('b.txt'), content: 'two' });
    for (const [tool, args, code, why] of [
      ['read_text_file', { path: at('missing') }, 'execution_failed', /ENOENT/],
      ['edit_file', { path: at('a.txt'), edits: [{ oldText: 'no', newText: 'x' }] }, 'execution_failed', /exact match/],
      ['move_file', { source: at('a.txt'), destination: at('b.txt') }, 'execution_failed', /already exists/],
      ['read_text_file', { path: at('a.txt'), head: 1, tail: 1 }, 'execution_failed', /both head and tail/],
      ['read_text_file', { path: 3 }, 'invalid_arguments', /path/],
      ['read_multiple_files', { paths: [] }, 'invalid_arguments', /paths/],
      ['list_directory_with_sizes', { path: root, sortBy: 'colour' }, 'invalid_arguments', /sortBy/],
      ['delete_file', { path: at('a.txt') }, 'tool_not_found', /delete_file/],
    ] as const) {
      const failure = await refused(tool, args);
      assert.equal(failure.code, code, tool);
      assert.match(failure.message, why);
    }
    assert.equal(await said('read_multiple_files', { paths: [at('b.txt')] }), `${at('b.txt')}:\ntwo\n`);
  });

  test('other servers - filesystem: it offers no resources and no prompts, and without a folder it is unavailable', async () => {
    assert.deepEqual((await ui.request('resourceList', { server: 'files' })).servers, [
      { name: 'files', resources: [], templates: [] },
    ]);
    assert.deepEqual((await ui.request('promptList', { server: 'files' })).servers, [{ name: 'files', prompts: [] }]);
    const prompt = ui.request('promptGet', { server: 'files', name: 'x', arguments: {} });
    assert.equal((await failureOf(prompt)).code, 'tool_not_found');
    await until('it is unavailable', async () => (await listed('nowhere')).state === 'unavailable');
    assert.equal((await failureOf(invoke('nowhere', 'list_allowed_directories'))).code, 'server_unavailable');
  });
});
