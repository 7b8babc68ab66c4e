// Small mcp.json files with mistakes, by the rule that finds them. What is found and how it is repaired stands in
// test/golden/mcp-json-rules.json.
import type { LanguageContext } from '../../extension/language/language-context.ts';

export interface RuleCase {
  title: string;
  text: string;
  context?: LanguageContext;
  /** Of the file, where it matters. */
  uri?: string;
}

const url = 'https://mcp.example/mcp';
const tenant = '9b3c1a52-7f60-4d1e-8a2b-0c9d8e7f6a5b';
const mail = `https://agent365.svc.cloud.microsoft/agents/tenants/\${WORKIQ_TENANT_ID}/servers/mcp_MailTools`;
const workiq = 'https://workiq.svc.cloud.microsoft/mcp';
const auth = { profile: 'workiq' };

const tool = (name: string, sideEffects: 'read' | 'write', properties: object = {}) => ({
  name,
  sideEffects,
  inputSchema: { type: 'object', properties, additionalProperties: false },
});

/** An agent with two profiles and two servers whose tools are known. */
export const ruleContext: LanguageContext = {
  agent: {
    name: 'rockbot',
    tenantId: tenant,
    profiles: [
      {
        name: 'workiq',
        scopes: ['a'],
        allowedOrigins: ['https://workiq.svc.cloud.microsoft', 'https://agent365.svc.cloud.microsoft'],
      },
      { name: 'crm', scopes: ['b'], allowedOrigins: ['https://crm.example'] },
    ],
    environment: ['PATH', 'GITHUB_TOKEN', 'ORDERS_API_KEY'],
    servers: [
      {
        name: 'notes',
        state: 'ready',
        type: 'streamable-http',
        tools: [
          tool('readNote', 'read', { id: { type: 'string' } }),
          tool('writeNote', 'write', { id: { type: 'string' } }),
          tool('readPage', 'read', { path: { type: 'string' } }),
        ],
        hidden: [{ name: 'deleteNote', reason: 'deniedTools in mcp.json names it', code: 'denied' }],
      },
      {
        name: 'cut',
        state: 'ready',
        type: 'stdio',
        tools: [tool('one', 'read')],
        hidden: [{ name: '(more tools)', reason: 'x', code: 'unavailable' }],
      },
      { name: 'down', state: 'unavailable', type: 'stdio', tools: [], hidden: [{ reason: 'x', code: 'unavailable' }] },
    ],
  },
};

const file = (servers: object, key = 'mcpServers'): string => `${JSON.stringify({ [key]: servers }, undefined, 2)}\n`;
const one = (entry: object, name = 'notes'): string => file({ [name]: entry });
const withAgent = { context: ruleContext };
/** The agent's own file. */
const overBus = (editing: string): { uri: string; context: LanguageContext } => ({
  uri: 'rockbot:/rockbot/mcp.json',
  context: { agent: { name: 'rockbot', servers: [], ...ruleContext.agent, editing } },
});

/** By code, without `mcp/`. */
export const ruleCases: Readonly<Record<string, readonly RuleCase[]>> = {
  syntax: [
    {
      title: 'a comma is missing',
      text: '{\n  "mcpServers": {\n    "a": { "command": "x" }\n    "b": { "command": "y" }\n  }\n}\n',
    },
    { title: 'a brace is missing', text: '{ "mcpServers": { "a": { "command": "x" } }' },
    { title: 'a text is not closed', text: '{ "mcpServers": { "a": { "command": "x } } }\n' },
    { title: 'single quotes', text: "{ 'mcpServers': {} }" },
    { title: 'text behind the end', text: '{ "mcpServers": {} } }' },
    { title: 'UTF-16', text: '{\u0000 }' },
    { title: 'nested too deeply', text: '['.repeat(1_000) },
  ],
  'empty-file': [
    { title: 'nothing', text: '' },
    { title: 'white space', text: '\n\n' },
    { title: 'a comment', text: '// later\n' },
  ],
  'no-servers': [
    { title: 'a list', text: '[]' },
    { title: 'a list of servers', text: '{ "mcpServers": [] }' },
    { title: 'servers without their object', text: '{ "github": { "url": "https://api.githubcopilot.com/mcp/" } }' },
    { title: 'other keys', text: '{ "version": 1 }' },
  ],
  'misspelt-servers': [
    { title: 'without the s', text: '{ "mcpServer": {} }' },
    { title: 'beside the right one', text: '{ "mcp_servers": {}, "mcpServers": {} }' },
  ],
  'duplicate-key': [
    { title: 'a server', text: '{ "mcpServers": { "a": { "command": "x" }, "a": { "command": "y" } } }' },
    {
      title: 'a key of an entry, with a comment',
      text: '{ "mcpServers": { "a": {\n  "command": "x", // the first\n  "command": "y" // the second\n} } }',
    },
  ],
  'two-lists': [
    { title: 'both', text: '{ "mcpServers": { "a": { "command": "x" } }, "servers": { "b": { "command": "y" } } }' },
  ],
  'duplicate-server': [
    {
      title: 'in both lists',
      text: '{ "mcpServers": { "a": { "command": "x" } }, "servers": { "a": { "url": 5 }, "b": { "command": "y" } } }',
    },
  ],
  'same-address': [
    { title: 'twice', text: file({ a: { url }, b: { type: 'http', url } }) },
    { title: 'of two profiles', text: file({ a: { url, auth }, b: { url, auth: { profile: 'crm' } } }) },
    { title: 'one is off', text: file({ a: { url, enabled: false }, b: { url } }) },
  ],
  'server-name': [
    { title: 'a line break', text: one({ url }, 'my\nserver') },
    { title: 'brackets', text: one({ url }, '(notes)') },
    { title: 'empty', text: one({ url }, '') },
  ],
  'wrong-kind': [
    { title: 'a number in headers', text: one({ url, headers: { 'X-Version': 2 } }) },
    { title: 'true as a text', text: one({ url, enabled: 'true' }) },
    { title: 'one tool', text: one({ url, allowedTools: 'readNote' }) },
    { title: 'arguments in one text', text: one({ command: 'npx', args: '-y' }) },
    { title: 'a timeout as a text', text: one({ url, timeoutMs: '30000' }) },
    { title: 'half a millisecond', text: one({ url, timeoutMs: 1500.5 }) },
    { title: 'auth by name', text: one({ url: workiq, auth: 'workiq' }) },
    { title: 'a url that is none', text: one({ url: 5 }) },
    { title: 'no object', text: one('https://mcp.example' as unknown as object) },
    { title: 'null', text: file({ a: null }) },
  ],
  'out-of-range': [
    { title: 'negative', text: one({ url, timeoutMs: -1 }) },
    { title: 'a day', text: one({ url, timeoutMs: 86_400_000 }) },
    { title: 'no calls at a time', text: one({ url, limits: { concurrent: 0, queued: 5 } }) },
  ],
  'unknown-type': [
    { title: 'misspelt', text: one({ type: 'stremable-http', url }) },
    { title: 'websocket', text: one({ type: 'websocket', url }) },
    { title: 'a command', text: one({ type: 'local', command: 'x' }) },
  ],
  'missing-address': [
    { title: 'stdio with a url', text: one({ type: 'stdio', url }) },
    { title: 'http with a command', text: one({ type: 'http', command: 'npx' }) },
    { title: 'another key', text: one({ serverUrl: url }) },
    { title: 'nothing', text: one({}) },
    { title: 'an empty url', text: one({ url: '' }) },
  ],
  'unknown-key': [
    { title: 'a restriction', text: one({ url, allowdTools: ['a'] }) },
    { title: 'a restriction that is there', text: one({ url, allowTools: ['a'], allowedTools: ['b'] }) },
    { title: 'a limit', text: one({ url, limits: { callPerDay: 5 } }) },
    { title: 'nothing like it', text: one({ url, colour: 'blue' }) },
    { title: 'of auth', text: one({ url: workiq, auth: { profile: 'workiq', scopes: ['a'] } }) },
  ],
  'foreign-key': [
    { title: 'of other clients', text: one({ command: 'x', cwd: '/srv', alwaysAllow: ['a'] }) },
    { title: 'inputs', text: JSON.stringify({ inputs: [{ id: 'a' }], servers: {} }) },
  ],
  'ignored-key': [
    { title: 'headers of a command', text: one({ command: 'x', headers: { Accept: 'a' } }) },
    { title: 'a url and a command', text: one({ command: 'x', url }) },
    { title: 'env of a url', text: one({ url, env: { A: 'b' } }) },
  ],
  'enabled-contradiction': [{ title: 'both', text: one({ url, enabled: true, disabled: true }) }],
  'short-timeout': [{ title: 'seconds', text: one({ url, timeoutMs: 30 }) }],
  'not-over-bus': [
    { title: 'a command', text: one({ command: 'npx', args: ['${WHATEVER}'] }, 'new'), ...overBus('registered') },
    {
      title: 'a variable',
      text: one({ url, headers: { 'X-A': '${GITHUB_TOKEN}', 'X-B': '${WORKIQ_TENANT_ID}' } }, 'new'),
      ...overBus('remote'),
    },
    {
      title: 'a variable in what came over the bus',
      text: one({ url: `${url}?key=\${GITHUB_TOKEN}`, registeredOverBus: true }),
      ...overBus('registered'),
    },
    { title: 'an entry of the operator', text: one({ command: 'npx' }), ...overBus('remote') },
    { title: 'no bound', text: one({ command: 'npx' }, 'new'), ...overBus('all') },
    { title: 'a file on this machine', text: one({ command: 'npx' }, 'new'), context: overBus('remote').context },
  ],
  secret: [
    { title: 'a bearer', text: one({ url, headers: { Authorization: 'Bearer hunter2hunter2' } }) },
    {
      title: 'a bearer for Work IQ',
      text: one({ type: 'http', url: workiq, headers: { Authorization: 'Bearer hunter2hunter2' } }),
    },
    {
      title: 'a bearer for Work IQ beside another header',
      text: one({ headers: { 'X-A': 'b', Authorization: 'Bearer hunter2hunter2' }, url: workiq }),
    },
    {
      title: 'a variable that the server has for it already',
      text: one({
        command: 'docker',
        args: ['run', '-e', 'GITHUB_TOKEN=${GITHUB_TOKEN}', 'x'],
        env: { GITHUB_TOKEN: `ghp_${'a1B2c3D4e5'.repeat(3)}F6g7H8` },
      }),
    },
    {
      title: 'a variable that is in use',
      text: file({ a: { command: 'x', env: { API_KEY: 'hunter2hunter2', OTHER: '${API_KEY}' } } }),
    },
    {
      title: 'a variable that the agent has',
      text: file({ orders: { url, headers: { 'X-Api-Key': 'hunter2hunter2' } } }),
      ...withAgent,
    },
    {
      title: 'a password in an argument',
      text: one({ command: 'npx', args: ['-y', 'pg', 'postgresql://app:hunter2@db/orders'] }),
    },
    { title: 'a login in the url', text: one({ url: 'https://app:hunter2@mcp.example/mcp' }) },
    { title: 'a query', text: one({ url: `${url}?v=1&api_key=hunter2#x` }) },
    {
      title: 'behind escapes',
      text: '{ "mcpServers": { "a": { "command": "x", "env": { "J": "{\\n\\"apiKey\\":\\"hunter2\\"}", "A_TOKEN": "h\\u0075nter2" } } } }',
    },
    { title: 'a member', text: one({ url, password: 'hunter2', note: 'x' }) },
    { title: 'at the top level', text: '{ "mcpServers": {}, "apiKey": "hunter2" }' },
    {
      title: 'in an entry that is not read',
      text: '{ "mcpServers": { "a": { "command": "x" } }, "servers": { "a": { "command": "x", "env": { "A_TOKEN": "hunter2" } } } }',
    },
    { title: 'in an entry of the wrong form', text: one({ url: 5, env: { A_TOKEN: 'hunter2' } }) },
    { title: 'in a command', text: one({ command: 'npx x --token hunter2' }) },
  ],
  placeholder: [
    { title: 'words', text: one({ command: 'x', env: { GITHUB_PAT: 'YOUR_TOKEN_HERE' } }) },
    { title: 'behind a scheme', text: one({ url, headers: { Authorization: 'Bearer <token>' } }) },
    { title: 'a variable of a shell', text: one({ command: 'x', env: { A_TOKEN: '$A_TOKEN' } }) },
    { title: 'for Work IQ', text: one({ url: workiq, headers: { Authorization: 'Bearer YOUR_TOKEN' } }) },
  ],
  'foreign-variable': [
    { title: 'env', text: one({ command: 'x', env: { A: '${env:HOME_DIR}' } }) },
    { title: 'an input', text: one({ url, headers: { Authorization: 'Bearer ${input:api-key}' } }) },
    { title: 'two in one text', text: one({ url: 'https://${env:HOST}/${input:x}' }) },
  ],
  'unset-variable': [
    { title: 'misspelt', text: one({ url, headers: { Authorization: 'Bearer ${GITHUB_TOKN}' } }), ...withAgent },
    {
      title: 'nothing like it',
      text: one({ command: 'x', args: ['${WHATEVER_ELSE}', '${WORKIQ_TENANT_ID}'] }),
      ...withAgent,
    },
    { title: 'without an agent', text: one({ command: 'x', args: ['${WHATEVER_ELSE}'] }) },
  ],
  'unexpanded-variable': [
    { title: 'of a shell', text: one({ command: 'x', env: { REGION: '$REGION', ZONE: '%ZONE_NAME%' } }) },
    { title: 'a default', text: one({ command: 'x', args: ['${REGION:-eu}'] }) },
    { title: 'in the command', text: one({ command: '${HOME}/bin/x' }) },
  ],
  header: [
    { title: 'of the agent', text: one({ url, headers: { Host: 'x', 'X-A': 'b' } }) },
    { title: 'no name', text: one({ url, headers: { 'X A': 'b' } }) },
    { title: 'a line break', text: one({ url, headers: { 'X-A': 'b\r\nX-B: c' } }) },
  ],
  'bad-url': [
    { title: 'a web socket', text: one({ url: 'wss://mcp.example/mcp' }) },
    { title: 'no scheme', text: one({ url: 'mcp.example/mcp' }) },
    { title: 'this machine', text: one({ url: 'localhost:3000/mcp' }) },
    { title: 'words', text: one({ url: 'not a url' }) },
    { title: 'a variable', text: one({ url: '${NOTES_URL}/mcp' }) },
  ],
  'insecure-url': [
    { title: 'with auth', text: one({ url: 'http://workiq.svc.cloud.microsoft/mcp', auth }) },
    { title: 'with a key', text: one({ url: 'http://notes.internal/mcp', headers: { 'X-Api-Key': '${KEY}' } }) },
    { title: 'in a cluster', text: one({ url: 'http://notes.tools.svc.cluster.local/mcp' }) },
    { title: 'on this machine', text: one({ url: 'http://localhost:3000/mcp' }) },
  ],
  'wrong-transport': [
    { title: 'sse for streamable HTTP', text: one({ type: 'sse', url }) },
    { title: 'streamable HTTP for sse', text: one({ url: 'https://mcp.example/sse' }) },
    { title: 'http for sse', text: one({ type: 'http', url: 'https://mcp.example/v1/sse?x=1' }) },
    { title: 'Work IQ', text: one({ type: 'sse', url: workiq, auth }) },
  ],
  'auth-on-stdio': [{ title: 'a command', text: one({ command: 'x', auth }) }],
  'authorization-beside-auth': [
    { title: 'alone', text: one({ url: workiq, auth, headers: { Authorization: 'Bearer ${TOKEN}' } }) },
    {
      title: 'beside another',
      text: one({ url: workiq, auth, headers: { authorization: 'Bearer ${TOKEN}', 'X-A': 'b' } }),
    },
  ],
  'unknown-profile': [{ title: 'misspelt', text: one({ url: workiq, auth: { profile: 'work-iq' } }), ...withAgent }],
  'origin-not-allowed': [
    { title: 'of another profile', text: one({ url: 'https://crm.example/mcp', auth }), ...withAgent },
    { title: 'of none', text: one({ url, auth }), ...withAgent },
    { title: 'a port', text: one({ url: 'https://crm.example:8443/mcp', auth: { profile: 'crm' } }), ...withAgent },
    { title: 'without an agent', text: one({ url, auth }) },
  ],
  'unknown-tool': [
    {
      title: 'in a filter',
      text: one({ url, allowedTools: ['readNotes', 'delete*', 'deleteNote'], deniedTools: ['x*'] }),
      ...withAgent,
    },
    {
      title: 'in guards',
      text: one({ url, guards: { allow: ['readPages /a/**', 'resources*read'], deny: ['READNOTE', 'nothing'] } }),
      ...withAgent,
    },
    { title: 'of a server that is down', text: one({ command: 'x', allowedTools: ['a'] }, 'down'), ...withAgent },
    { title: 'of a list that is cut', text: one({ command: 'x', allowedTools: ['a'] }, 'cut'), ...withAgent },
  ],
  filter: [
    {
      title: 'allowed and denied',
      text: one({ url, allowedTools: ['readNote', 'writeNote'], deniedTools: ['write*'] }),
    },
    { title: 'nothing allowed', text: one({ url, allowedTools: [] }) },
    { title: 'twice', text: one({ url, deniedTools: ['a', 'b', 'a'] }) },
  ],
  guards: [
    { title: 'a misspelt preset', text: one({ url, guards: 'readonly' }) },
    { title: 'a misspelt preset in an object', text: one({ url, guards: { preset: 'nosend' } }) },
    { title: 'an unknown preset', text: one({ url, guards: 'safe' }) },
    { title: 'a misspelt key', text: one({ url, guards: { preset: 'full', alow: ['a'] } }) },
    { title: 'no list', text: one({ url, guards: { deny: 'do_action' } }) },
    { title: 'a path without a slash', text: one({ url, guards: { deny: ['fetch me/messages'] } }) },
    { title: 'a path without a tool', text: one({ url, guards: { deny: ['/me/messages'] } }) },
    { title: 'a long path without a slash', text: one({ url, guards: { deny: [`fetch ${'me/'.repeat(25)}x`] } }) },
    { title: 'a rule with a quote twice', text: one({ url, guards: { deny: ['ask', 'say"so', 'say"so'] } }) },
    { title: 'a key with a quote', text: one({ url, guards: { preset: 'full', 'a"llow': ['ask'] } }) },
    { title: 'an address', text: one({ url, guards: { deny: ['fetch https://graph.microsoft.com/v1.0/me'] } }) },
    { title: 'a query', text: one({ url, guards: { deny: ['fetch /me?$select=id'] } }) },
    { title: 'a tool without a path', text: one({ url, guards: { deny: ['list_agents /me'] } }) },
    { title: 'twice', text: one({ url, guards: { deny: ['fetch', 'FETCH'] } }) },
    { title: 'denied', text: one({ url, guards: { allow: ['fetch /me', 'ask'], deny: ['fetch'] } }) },
    {
      title: 'a writer that may only read',
      text: one({ url, guards: { preset: 'read-only', allow: ['fetch', 'do_action /me/sendMail'] } }),
    },
    { title: 'everything denied', text: one({ url, guards: { deny: ['*', 'ask'] } }) },
    { title: 'nothing in them', text: one({ url, guards: {} }) },
    { title: 'true', text: one({ url, guards: true }) },
  ],
  'guards-never-match': [
    {
      title: 'a wider rule denies',
      text: one({ url, guards: { allow: ['fetch /me/messages/*', 'ask'], deny: ['fetch /me/**'] } }),
    },
    { title: 'a wider rule allows', text: one({ url, guards: { allow: ['fetch', 'fetch /me/**'] } }) },
    {
      title: 'a wider rule denies already',
      text: one({ url, guards: { deny: ['* **/sendMail', 'do_action /me/sendMail'] } }),
    },
    {
      title: 'the filter leaves nothing',
      text: one({ url, deniedTools: ['ask'], guards: { allow: ['ask', 'fetch'] } }),
    },
    {
      title: 'the preset lets none pass',
      text: one({ url, guards: { preset: 'read-only', allow: ['writeNote', 'readNote'] } }),
      ...withAgent,
    },
    {
      title: 'no argument is a path',
      text: one({ url, guards: { allow: ['readNote /a/**', 'readPage /a/**'] } }),
      ...withAgent,
    },
    {
      title: 'rules that only overlap',
      text: one({ url, guards: { allow: ['fetch /me/*/x', 'fetch /me/a/**'], deny: ['fetch /me/b/**'] } }),
    },
  ],
  'guards-let-all-through': [
    { title: 'full', text: one({ url, guards: 'full' }) },
    { title: 'any tool', text: one({ url, guards: { allow: ['*'] } }) },
    { title: 'any tool beside others', text: one({ url, guards: { preset: 'read-only', allow: ['*', 'fetch /me'] } }) },
  ],
  'workiq-tenant': [
    { title: 'common', text: one({ url: mail.replace('${WORKIQ_TENANT_ID}', 'common'), auth }), ...withAgent },
    { title: 'a placeholder', text: one({ url: mail.replace('${WORKIQ_TENANT_ID}', '{tenantId}'), auth }) },
    { title: 'none', text: one({ url: mail.replace('tenants/${WORKIQ_TENANT_ID}/', ''), auth }) },
    {
      title: 'another one',
      text: one({ url: mail.replace('${WORKIQ_TENANT_ID}', '00000000-0000-4000-8000-000000000000'), auth }),
      ...withAgent,
    },
  ],
  'workiq-address': [
    { title: 'no path', text: one({ url: 'https://workiq.svc.cloud.microsoft', auth }) },
    { title: 'another path', text: one({ url: 'https://workiq.svc.cloud.microsoft/a2a/', auth }) },
  ],
  'workiq-auth': [
    { title: 'none', text: one({ url: workiq }) },
    { title: 'a static bearer', text: one({ url: workiq, headers: { Authorization: 'Bearer ${WORKIQ_TOKEN}' } }) },
  ],
  'workiq-former-name': [
    { title: 'a server', text: one({ url: mail.replace('mcp_MailTools', 'mcp_MailServer'), auth }) },
    { title: 'a misspelt server', text: one({ url: mail.replace('mcp_MailTools', 'mcp_MailTool'), auth }) },
    {
      title: 'tools',
      text: one({
        url: workiq,
        auth,
        allowedTools: ['ask_work_iq', 'fetch'],
        guards: { deny: ['fetch_work_iq /me/**'] },
      }),
    },
    {
      title: 'tools of the first catalogue',
      text: one({ url: mail, auth, deniedTools: ['mcp_MailTools_graph_mail_sendMail'] }),
    },
  ],
  'workiq-legacy': [{ title: 'mail', text: one({ url: mail, auth }) }],
};
