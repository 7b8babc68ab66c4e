// What "Copy Diagnostics" puts on the clipboard: enough to help, nothing that must not leave the machine.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { diagnosticsReport, maskNames, type DiagnosticFacts } from '../../extension/diagnostics.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';

const facts: DiagnosticFacts = {
  at: '2026-03-01T10:00:00.000Z',
  version: '1.2.3',
  editor: {
    name: 'Visual Studio Code',
    version: '1.139.0',
    node: '22.1.0',
    platform: 'linux x64',
    host: 'desktop',
    remote: 'ssh-remote',
    extensionKind: 'workspace',
  },
  settings: {
    natsUrl: 'wss://user:hunter22@bus.example:4223/?token=abcdef',
    agentName: 'rockbot',
    agentPublicKey: undefined,
    tenantId: '0f6e4d2c-1b3a-4c5d-8e7f-9a0b1c2d3e4f',
    clientId: undefined,
    signIn: 'auto',
    connectionProblem: undefined,
    problems: [],
  },
  busCredentials: 'nkey',
  localAgent: 'none',
  state: {
    agentName: 'rockbot',
    bus: { kind: 'online', url: 'wss://bus.example:4223' },
    agent: { kind: 'online', heardAt: Date.parse('2026-03-01T09:59:55Z'), version: '1.2.2' },
    auth: {
      status: 'expired',
      account: { id: 'oid', username: 'adele.vance@contoso.example', tenantId: 'tid' },
      since: '2026-03-01T09:00:00Z',
      generation: 4,
      reason: { code: 'auth_required', aadsts: 'AADSTS50173', message: 'text from outside', action: 'Sign in.' },
    },
    servers: [
      {
        name: 'workiq',
        state: 'auth_required',
        type: 'http',
        profile: 'workiq',
        tools: [],
        hidden: [
          { reason: 'Sign in first.', code: 'auth_required' },
          { name: 'x', reason: 'Denied.', code: 'denied' },
        ],
        error: { code: 'auth_required', message: 'Subject: secret plans', retryable: false },
      },
    ],
    configProblems: ['a', 'b'],
  },
  logLines: ['2026-03-01T09:00:00Z [info] The bus is connected. url=wss://bus.example'],
  homeFolder: '/home/adele',
};

describe('diagnostics', () => {
  test('diagnostics - the report says what runs, how it is set and what state it is in', () => {
    assert.equal(
      diagnosticsReport(facts),
      `# RockBot diagnostics

Made 2026-03-01T10:00:00.000Z.

## Versions

- RockBot 1.2.3
- Visual Studio Code 1.139.0 (desktop), Node 22.1.0, linux x64
- Window: remote (ssh-remote); the extension runs in the workspace host

## Settings

- rockbot.nats.url: wss://bus.example:4223
- rockbot.agent.name: rockbot
- rockbot.agent.publicKey: not set
- rockbot.workiq.tenantId: 0f6e4d2c-1b3a-4c5d-8e7f-9a0b1c2d3e4f
- rockbot.workiq.clientId: not set
- rockbot.workiq.signIn: auto
- bus credentials: nkey

## Connection

- state: expired
- bus: online at wss://bus.example:4223
- agent rockbot: online, version 1.2.2, last heard 2026-03-01T09:59:55.000Z
- local agent: none
- problems in mcp.json: 2

## Microsoft 365

- status: expired since 2026-03-01T09:00:00Z
- account: a***@contoso.example
- tenant: tid
- generation: 4
- reason: auth_required, AADSTS50173

## Servers

- workiq: auth_required (http; profile workiq; 0 tools; 2 hidden (auth_required, denied); error auth_required)

## Log

\`\`\`text
2026-03-01T09:00:00Z [info] The bus is connected. url=wss://bus.example
\`\`\`
`,
    );
  });

  test('diagnostics - secrets, names and folders of the person are gone wherever they stand [P6]', () => {
    const seed = createSeed();
    const jwt = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`;
    const report = diagnosticsReport({
      ...facts,
      settings: { ...facts.settings, clientId: seed },
      state: {
        ...facts.state,
        bus: {
          kind: 'offline',
          url: 'wss://adele:hunter22@bus.example',
          problem: { code: 'forbidden', message: `refused ${jwt}` },
        },
      },
      logLines: [
        `[warn] refresh_token=0.AXoAabcdefghijklmnopqrstuvwxyz for megan@fabrikam.example`,
        `[warn] Bearer ${jwt}`,
        '[info] dataDir=/home/adele/.config/Code',
      ],
    });
    for (const secret of [seed, jwt, 'hunter22', '0.AXoA', 'adele.vance', 'megan@', '/home/adele', 'secret plans'])
      assert.ok(!report.includes(secret), `${secret} is in the report`);
    assert.match(report, /m\*\*\*@fabrikam\.example/);
    assert.match(report, /dataDir=~\/\.config\/Code/);
  });

  test('diagnostics - the home folder is `~` however it is written, and only where it ends [P6]', () => {
    const adele = String.raw`C:\Users\Adele Vance`;
    const table: [home: string, logged: string, shown: string][] = [
      [adele, String.raw`at C:\Users\Adele Vance\a.pem`, String.raw`at ~\a.pem`],
      [adele, JSON.stringify({ path: `${adele}\\a.pem` }), String.raw`{"path":"~\\a.pem"}`],
      [adele, JSON.stringify(JSON.stringify(`${adele}\\a`)), String.raw`"\"~\\\\a\""`],
      [adele, 'in c:/users/adele vance/a, file:///c%3A/Users/Adele%20Vance/b', 'in ~/a, file:///~/b'],
      [adele, String.raw`"C:\\Users\\Adele Vance"`, '"~"'],
      [adele, String.raw`C:\Users\Adele Vances\a`, String.raw`C:\Users\Adele Vances\a`],
      [
        '/home/a',
        '/home/adele /home/a-b /home/a.b /home/a_b /home/ä',
        '/home/adele /home/a-b /home/a.b /home/a_b /home/ä',
      ],
      [
        '/home/a',
        '/home/a /home/a/b "/home/a" =/home/a, /home/a. vscode-remote://host/home/a/c',
        '~ ~/b "~" =~, ~. vscode-remote://host~/c',
      ],
      ['/home/a/', '/home/a/b', '~/b'],
      ['/home/jürgen (x)', '/home/jürgen (x)/a file:///home/j%C3%BCrgen%20(x)/b', '~/a file://~/b'],
      ['/', '/etc/ssl', '/etc/ssl'],
    ];
    for (const [homeFolder, logged, shown] of table) {
      const report = diagnosticsReport({ ...facts, homeFolder, logLines: [logged] });
      assert.equal(/```text\n(.*)\n```/.exec(report)?.[1], shown);
    }
    const problem = { code: 'invalid_request', message: `${adele}\\ca.pem cannot be read` } as const;
    const bus = { kind: 'offline', url: 'wss://bus.example', problem } as const;
    const report = diagnosticsReport({ ...facts, homeFolder: adele, state: { ...facts.state, bus } });
    assert.ok(report.includes(String.raw`~\\ca.pem cannot be read`), 'in the sections backslashes are escaped');
    assert.doesNotMatch(report, /Vance/);
  });

  test('diagnostics - text from outside neither ends the block of the log nor marks anything up', () => {
    const report = diagnosticsReport({
      ...facts,
      logLines: ['a ```` b', 'c\n# d\u001b[31m'],
      state: {
        ...facts.state,
        servers: [{ name: '[x](http://y)', state: 'ready', type: 'http', tools: [], hidden: [] }],
      },
    });
    assert.match(report, /`````text\na ```` b\nc # d␛\[31m\n`````\n$/);
    assert.match(report, /- \\\[x\\\]\(http:\/\/y\): ready/);
  });

  test('diagnostics - user names of every shape are masked', () => {
    const table: [string, string][] = [
      ['adele@contoso.com', 'a***@contoso.com'],
      ['"upn":"ADELE.Vance+x@contoso.onmicrosoft.com"', '"upn":"A***@contoso.onmicrosoft.com"'],
      ['adele_contoso.com#EXT#@fabrikam.com', 'a***@fabrikam.com'],
      ['jürgen@müller.example, b@c.de', 'j***@müller.example, b***@c.de'],
      ['zod@4 and @types/node', 'zod@4 and @types/node'],
    ];
    for (const [text, masked] of table) assert.equal(maskNames(text), masked);
  });

  test('diagnostics - nothing known yet is said as that', () => {
    const report = diagnosticsReport({
      ...facts,
      state: { agentName: 'rockbot', bus: { kind: 'none' }, agent: { kind: 'unknown' }, configProblems: [] },
      logLines: [],
    });
    assert.match(report, /state: not_configured\n- bus: none\n- agent rockbot: unknown\n/);
    assert.match(report, /## Servers\n\n- not known\n/);
    assert.match(report, /\(nothing was logged\)/);
  });
});
