// Samples for tests of the language features: an mcp.json, an agent, and a cursor (`‸`) in a text.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import type { Position, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { LanguageContext } from '../../extension/language/language-context.ts';
import { parseMcpDocument, type McpDocument } from '../../extension/language/mcp-document.ts';

export const tenantId = '11111111-2222-4333-8444-555555555555';

export const sampleText = `// Servers of the sample agent.
// Two lines of it.
{
  "mcpServers": {
    "workiq": {
      "type": "http",
      "url": "https://workiq.svc.cloud.microsoft/mcp",
      "auth": { "profile": "workiq" },
      "allowedTools": ["fetch", "search_*"],
      "guards": { "preset": "no-send", "allow": ["fetch /me/messages/**"], "deny": ["do_action **/sendMail"] },
    },
    /* The older
       catalogue. */
    "mail": {
      "url": "https://agent365.svc.cloud.microsoft/agents/tenants/\${WORKIQ_TENANT_ID}/servers/mcp_MailTools",
      "auth": { "profile": "agent365" },
    },
    "tickets": {
      "url": "https://tickets.example/mcp",
      "headers": { "X-Api-Key": "\${TICKETS_KEY}", "X-Team": "\${NOT_SET}" },
      "limits": { "callsPerDay": 100 },
    },
    "files": { "type": "stdio", "command": "files-server", "args": ["\${WORKIQ_TENANT_ID}"], "enabled": false },
  },
}
`;

export const sampleContext: LanguageContext = {
  agent: {
    name: 'rockbot',
    tenantId,
    auth: {
      status: 'connected',
      since: '2026-11-23T09:00:00Z',
      generation: 1,
      account: { id: '1', username: 'adele@contoso.example', tenantId },
    },
    profiles: [
      {
        name: 'workiq',
        scopes: ['api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask'],
        allowedOrigins: ['https://workiq.svc.cloud.microsoft'],
      },
      {
        name: 'agent365',
        scopes: ['ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/.default'],
        allowedOrigins: ['https://agent365.svc.cloud.microsoft'],
      },
    ],
    environment: ['TICKETS_KEY', 'OTHER_KEY'],
    servers: [
      {
        name: 'workiq',
        state: 'ready',
        type: 'streamable-http',
        profile: 'workiq',
        version: '1.0',
        tools: [
          {
            name: 'fetch',
            description: 'Reads *entities*. [More](https://evil.example).',
            inputSchema: {
              type: 'object',
              properties: {
                entityUrls: { type: 'array', description: 'Relative paths.' },
                top: { type: ['number', 'null'] },
              },
              required: ['entityUrls'],
            },
            sideEffects: 'read',
          },
          { name: 'search_paths', inputSchema: {}, sideEffects: 'read' },
          { name: 'do_action', description: 'Acts.', inputSchema: { type: 'object' }, sideEffects: 'write' },
        ],
        hidden: [{ name: 'ask', reason: 'It is not in allowedTools.', code: 'not_allowed' }],
      },
      {
        name: 'mail',
        state: 'auth_required',
        type: 'streamable-http',
        profile: 'agent365',
        tools: [],
        hidden: [{ reason: 'The sign-in has ended.', code: 'auth_required' }],
        error: { code: 'auth_required', message: 'The sign-in has ended.', retryable: false, action: 'Sign in again.' },
      },
      { name: 'files', state: 'disabled', type: 'stdio', tools: [], hidden: [{ reason: 'Off.', code: 'disabled' }] },
    ],
  },
};

export function documentOf(text: string): McpDocument {
  return parseMcpDocument({ uri: 'file:///agent/mcp.json', version: 1, text });
}

/** The document without the mark `‸`, and where it was. */
export function markedDocument(marked: string): { document: McpDocument; position: Position; offset: number } {
  const offset = marked.indexOf('‸');
  assert.ok(offset >= 0, 'there is no cursor');
  const document = documentOf(marked.replace('‸', ''));
  return { document, position: document.text.positionAt(offset), offset };
}

/** Where the text stands first, `into` characters behind its beginning. */
export function positionOf({ text }: McpDocument, part: string, into = 1): Position {
  const offset = text.getText().indexOf(part);
  assert.ok(offset >= 0, part);
  return text.positionAt(offset + into);
}

export function applied({ text }: McpDocument, edits: TextEdit[]): string {
  return TextDocument.applyEdits(text, edits);
}

/** Held against `test/unit/golden/language/{name}.json`; ROCKBOT_UPDATE_GOLDEN=1 writes it instead. */
export async function assertLanguageGolden(name: string, value: unknown): Promise<void> {
  const file = new URL(`../unit/golden/language/${name}.json`, import.meta.url);
  const actual: unknown = JSON.parse(JSON.stringify(value));
  if (process.env['ROCKBOT_UPDATE_GOLDEN'] === '1') {
    await writeFile(file, `${JSON.stringify(actual, null, 2)}\n`);
    return;
  }
  assert.deepEqual(actual, JSON.parse(await readFile(file, 'utf8')), `${name} is not as ${name}.json has it`);
}
