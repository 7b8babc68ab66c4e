// The JSON Schema of mcp.json that editors use: as the code has it, and of one mind with the schema that the agent parses with.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { Validator } from '@cfworker/json-schema';
import { format } from 'prettier';
import * as z from 'zod';
import {
  commonProperties,
  mcpJsonSchema,
  remoteProperties,
  stdioProperties,
} from '../../extension/language/mcp-json-schema.ts';
import { presets } from '../../shared/guards/preset.ts';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import { httpEntrySchema, registeredMark, stdioEntrySchema } from '../../shared/mcp-config/server-entry.ts';

const file = new URL('../../extension/schemas/mcp.schema.json', import.meta.url);
/** What a schema says to people and editors alone. */
const annotations = new Set(['description', 'default', 'defaultSnippets', 'enumDescriptions', 'title']);

function bare(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(bare);
  if (schema === null || typeof schema !== 'object') return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !annotations.has(key))
      .map(([key, value]) => [key, key === 'properties' ? bareMembers(value as object) : bare(value)]),
  );
}

function bareMembers(properties: object): unknown {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, bare(schema)]));
}

function ofAgent(schema: z.ZodType): Record<string, unknown> {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  const { type: _, guards, ...others } = properties as Record<string, unknown>;
  assert.deepEqual(guards, {}, 'guards are parsed by code of their own');
  return bareMembers(others) as Record<string, unknown>;
}

function ours(...properties: Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  const { guards: _, ...others } = Object.assign({}, ...properties) as Record<string, unknown>;
  return bareMembers(others) as Record<string, unknown>;
}

describe('language - schema', () => {
  test('language - the schema in the repository is as the code has it', async () => {
    const text = await format(JSON.stringify(mcpJsonSchema), { parser: 'json', printWidth: 120 });
    if (process.env['ROCKBOT_UPDATE_GOLDEN'] === '1') await writeFile(file, text);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), JSON.parse(text), 'run with ROCKBOT_UPDATE_GOLDEN=1');
  });

  test('language - the schema has the keys and types that the agent parses, and no others', () => {
    assert.deepEqual(ours(remoteProperties, commonProperties), ofAgent(httpEntrySchema));
    assert.deepEqual(ours(stdioProperties, commonProperties), ofAgent(stdioEntrySchema));
    assert.ok(!(registeredMark in commonProperties), 'the mark of the agent is not for people');
  });

  test('language - the schema has the presets of guards', () => {
    const [byName, object] = commonProperties['guards']?.anyOf ?? [];
    assert.ok(typeof byName === 'object' && typeof object === 'object');
    assert.deepEqual(byName.enum, presets);
    const preset = object.properties?.['preset'];
    assert.deepEqual(typeof preset === 'object' && preset.enum, presets);
  });

  for (const [name, entry, expected] of [
    ['a url', { url: 'https://x.example/mcp' }, true],
    ['an alias of the type', { type: 'http', url: 'https://x.example/mcp' }, true],
    ['a program', { command: 'x', args: ['a'], env: { A: 'b' } }, true],
    ['a preset', { url: 'https://x.example', guards: 'read-only' }, true],
    ['rules', { url: 'https://x.example', guards: { preset: 'full', deny: ['do_action **/sendMail'] } }, true],
    ['limits', { url: 'https://x.example', limits: { callsPerDay: 1 } }, true],
    ['nothing', {}, false],
    ['an unknown type', { type: 'websocket', url: 'wss://x.example' }, false],
    ['a number as url', { url: 1 }, false],
    ['a text as tools', { url: 'https://x.example', allowedTools: 'fetch' }, false],
    ['an unknown preset', { url: 'https://x.example', guards: 'readonly' }, false],
    ['an unknown limit', { url: 'https://x.example', limits: { perDay: 1 } }, false],
    ['a profile that is no text', { url: 'https://x.example', auth: { profile: 1 } }, false],
  ] as const) {
    test(`language - the schema: ${name} ${expected ? 'fits' : 'does not fit'}, and the parser agrees`, () => {
      const value = { mcpServers: { one: entry } };
      const validator = new Validator(mcpJsonSchema as ConstructorParameters<typeof Validator>[0], '7');
      assert.equal(validator.validate(value).valid, expected);
      const parsed = parseMcpConfig(JSON.stringify(value), { profiles: ['workiq'] });
      assert.equal(parsed.ok && parsed.servers[0]?.entry !== undefined, expected);
    });
  }

  test('language - every key of the schema says what it means', () => {
    const bareKeys: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (node === null || typeof node !== 'object') return;
      const { properties } = node as { properties?: Record<string, { description?: string }> };
      for (const [key, member] of Object.entries(properties ?? {}))
        if (member.description === undefined && key !== '$schema') bareKeys.push(`${path}.${key}`);
      for (const [key, member] of Object.entries(node)) visit(member, `${path}.${key}`);
    };
    visit(mcpJsonSchema, '');
    assert.deepEqual(bareKeys, []);
  });
});
