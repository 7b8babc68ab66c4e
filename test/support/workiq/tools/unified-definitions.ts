// The eleven tools of the single Work IQ endpoint as its tools/list shows them. Definitions only.
import { choice, text, texts, tool, type ToolDefinition } from './tool.ts';

const agentId = text('Reserved; entity tools ignore it.');
const jsonBody = {
  oneOf: [{ type: 'object' }, { type: 'string' }],
  description: 'The body, best as a JSON-encoded string.',
};
const headers = { type: 'object', description: 'For example If-Match.' };

export const UNIFIED_TOOLS: readonly ToolDefinition[] = [
  tool('fetch', 'Read one or more Microsoft 365 entities by relative path, in parallel.', {
    'entityUrls!': texts('Relative paths such as /me/messages?$top=5.'),
    agentId,
  }),
  tool('fetch_blob', 'Read binary content as base64.', { 'path!': text(), format: text('For example pdf.'), agentId }),
  tool(
    'create_entity',
    'Create an entity in a collection.',
    { 'parentUrl!': text(), 'jsonBody!': jsonBody, agentId },
    { mutates: true },
  ),
  tool(
    'update_entity',
    'Change properties of one entity.',
    { 'entityUrl!': text(), 'jsonBody!': jsonBody, headers, agentId },
    { mutates: true },
  ),
  tool('delete_entity', 'Delete one entity.', { 'entityUrl!': text(), headers, agentId }, { mutates: true }),
  tool(
    'do_action',
    'Run an action with side effects, such as sendMail, accept or move.',
    { 'actionUrl!': text(), jsonBody, agentId },
    { mutates: true },
  ),
  tool('call_function', 'Call a read-only Graph function: calendarView, delta, drive search.', {
    'functionUrl!': text(),
    agentId,
  }),
  tool('ask', 'Ask Microsoft 365 Copilot or one agent in plain language.', {
    'question!': text(),
    agentId: text('An agent from list_agents.'),
    fileUrls: texts(),
    conversationId: text('Continue an earlier conversation.'),
    timeZone: text('IANA name; UTC if absent.'),
  }),
  tool('list_agents', 'List the agents that ask can address.'),
  tool('get_schema', 'Get the schema of one path and operation.', {
    path: text(),
    operationIds: text(),
    'operationType!': choice('fetch', 'create', 'update', 'action'),
    format: choice('jsonschema', 'typescript', 'cddl'),
    backend: text('Reserved.'),
    agentId,
  }),
  tool('search_paths', 'Find available paths by regular expression.', {
    'filter!': text(),
    backend: text('Reserved.'),
    agentId,
  }),
];
