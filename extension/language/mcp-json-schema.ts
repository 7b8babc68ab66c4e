// The JSON Schema of mcp.json for editors: every key with its meaning. A test holds it to the schema that the agent parses with.
import type { JSONSchema } from 'vscode-json-languageservice';
import { presetMeanings } from './guard-words.ts';

const texts = { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'string' } } as const;
const names = { type: 'array', items: { type: 'string' } } as const;

const guardsSchema: JSONSchema = {
  description:
    'Which tools and paths may be used: a preset, or an object with preset, allow and deny. What it denies is answered guard_denied and was not sent.',
  anyOf: [
    { enum: Object.keys(presetMeanings), enumDescriptions: Object.values(presetMeanings) },
    {
      type: 'object',
      properties: {
        preset: {
          description: 'What may pass before allow and deny are looked at. Default: full.',
          enum: Object.keys(presetMeanings),
          enumDescriptions: Object.values(presetMeanings),
        },
        allow: {
          ...names,
          description:
            'A further restriction: a call must match one of these rules, and so must each of its paths. [] allows nothing.',
        },
        deny: { ...names, description: 'Rules that always win, such as "do_action **/sendMail".' },
      },
      additionalProperties: false,
    },
  ],
  defaultSnippets: [
    {
      label: 'preset with rules',
      description: 'A preset, narrowed by rules.',
      body: { preset: '${1|read-only,no-send,full|}', deny: ['${2:do_action **/sendMail}'] },
    },
  ],
};

const limitsSchema: JSONSchema = {
  description: 'How much the server may be asked.',
  type: 'object',
  properties: {
    concurrent: {
      description: 'Calls that run at the same time. Default: 64.',
      type: 'integer',
      exclusiveMinimum: 0,
      maximum: 10_000,
    },
    queued: {
      description: 'Calls that wait for their turn; further ones are throttled. Default: 2000.',
      type: 'integer',
      minimum: 0,
      maximum: 100_000,
    },
    callsPerDay: {
      description: 'Calls that reach the server in one UTC day, of all callers together. Default: unlimited.',
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    },
    callsPerDayPerCaller: {
      description: 'The same of any single caller. Default: unlimited.',
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    },
  },
  additionalProperties: false,
};

/** Of a server that is reached by a URL. */
export const remoteProperties: Readonly<Record<string, JSONSchema>> = {
  url: {
    description:
      'Address of the MCP server. ${NAME} stands for a variable of the agent, ${WORKIQ_TENANT_ID} is always there.',
    type: 'string',
    minLength: 1,
  },
  headers: {
    ...texts,
    description:
      'Headers of every request. A credential never stands here: write ${NAME}, a variable of the agent, or use auth.',
    default: {},
  },
  auth: {
    description:
      'Whose bearer goes with every request: a profile of the agent. It is refreshed by the agent and goes to the allowed origins of the profile only.',
    type: 'object',
    properties: {
      profile: { description: 'Name of a profile of the agent. "workiq" is built in.', type: 'string', minLength: 1 },
    },
    required: ['profile'],
    additionalProperties: {},
    defaultSnippets: [{ label: 'profile', description: 'The bearer of a profile.', body: { profile: '${1:workiq}' } }],
  },
};

/** Of a server that is a program on the agent's machine. */
export const stdioProperties: Readonly<Record<string, JSONSchema>> = {
  command: { description: "Program on the agent's machine.", type: 'string', minLength: 1 },
  args: { ...names, description: 'Arguments of the program. ${NAME} stands for a variable of the agent.', default: [] },
  env: {
    ...texts,
    description:
      'Environment variables of the program beside the basics (PATH, HOME and the like). A credential never stands here: write ${NAME}, a variable of the agent.',
    default: {},
  },
};

export const commonProperties: Readonly<Record<string, JSONSchema>> = {
  enabled: { description: 'False keeps the server from being used.', type: 'boolean', default: true },
  disabled: { description: 'The opposite of enabled, as other clients write it.', type: 'boolean' },
  allowedTools: { ...names, description: 'Only these tools are offered. * stands for any characters.' },
  deniedTools: { ...names, description: 'These tools are not offered. * stands for any characters.' },
  guards: guardsSchema,
  limits: limitsSchema,
  checkArguments: {
    description: 'False leaves it to the server to judge arguments, for one whose schemas are wrong.',
    type: 'boolean',
    default: true,
  },
  timeoutMs: {
    description: 'Milliseconds for one call, unless the caller asks for less.',
    type: 'integer',
    exclusiveMinimum: 0,
    maximum: 3_600_000,
  },
};

const typeSchema: JSONSchema = {
  description: 'How the server is reached. Without it a command means stdio and a url streamable-http.',
  type: 'string',
  enum: ['streamable-http', 'http', 'sse', 'stdio'],
  enumDescriptions: [
    'MCP over HTTP, as today’s servers speak it.',
    'The same as streamable-http.',
    'The older form over HTTP with server-sent events.',
    "A program on the agent's machine.",
  ],
};

const entrySchema: JSONSchema = {
  type: 'object',
  properties: { type: typeSchema, ...remoteProperties, ...stdioProperties, ...commonProperties },
  anyOf: [{ required: ['url'] }, { required: ['command'] }],
};

const serversSchema: JSONSchema = { type: 'object', additionalProperties: entrySchema };

/** Draft 7, with the additions of VS Code (`defaultSnippets`, `enumDescriptions`). */
export const mcpJsonSchema: JSONSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'mcp.json of a RockBot agent',
  type: 'object',
  properties: {
    $schema: { type: 'string', doNotSuggest: true },
    mcpServers: { ...serversSchema, description: 'The MCP servers of the agent by name.' },
    servers: { ...serversSchema, description: "The same under VS Code's name; mcpServers wins.", doNotSuggest: true },
  },
  allowTrailingCommas: true,
  defaultSnippets: [
    { label: 'mcpServers', description: 'An mcp.json without servers yet.', body: { mcpServers: { $0: {} } } },
  ],
};
