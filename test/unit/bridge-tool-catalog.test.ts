// Which tools may be called, which are hidden and why, and which count as writing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import type { ListedTools } from '../../agent/bridge/list-tools.ts';
import { createCatalog, filterReason, type ToolFilter } from '../../agent/bridge/tool-catalog.ts';
import { workIqReads } from '../../agent/bridge/work-iq-reads.ts';
import * as fc from '../support/repeatable-fast-check.ts';
import { createMailServer } from '../support/workiq/tools/mail-tools.ts';
import { createCalendarServer } from '../support/workiq/tools/calendar-tools.ts';
import { createMeServer } from '../support/workiq/tools/me-tools.ts';
import { UNIFIED_TOOLS } from '../support/workiq/tools/unified-definitions.ts';

const guards = { hides: () => undefined };
const tool = (name: string, more: Partial<Tool> = {}): Tool => ({ name, inputSchema: { type: 'object' }, ...more });

const listed = (tools: Tool[]): ListedTools => ({ tools, malformed: [], truncated: false });

function callable(names: readonly string[], filter: ToolFilter): string[] {
  const catalog = createCatalog(listed(names.map((name) => tool(name))), { filter, isWorkIq: true, guards });
  assert.equal(catalog.tools.size + catalog.hidden.length, names.length, 'each tool is callable or hidden');
  return [...catalog.tools.keys()];
}

describe('tool catalog - filters', () => {
  const names = ['fetch', 'ask', 'delete_entity', 'do_action', 'send.mail', 'sendXmail'];
  const table: [what: string, filter: ToolFilter, left: string[]][] = [
    ['without filters every tool is callable', {}, names],
    ['allowedTools lets only the named ones through', { allowedTools: ['fetch', 'ask'] }, ['fetch', 'ask']],
    ['an empty allowedTools lets none through', { allowedTools: [] }, []],
    [
      'deniedTools takes the named ones away',
      { deniedTools: ['delete_entity', 'do_action'] },
      ['fetch', 'ask', 'send.mail', 'sendXmail'],
    ],
    [
      'deniedTools wins over allowedTools',
      { allowedTools: ['*'], deniedTools: ['ask'] },
      names.filter((name) => name !== 'ask'),
    ],
    ['a star stands for any characters', { allowedTools: ['*_*'] }, ['delete_entity', 'do_action']],
    ['a star may stand for nothing', { allowedTools: ['ask*', '*fetch'] }, ['fetch', 'ask']],
    ['other characters of patterns are literal', { allowedTools: ['send.mail', '(ask)', '[a-z]+'] }, ['send.mail']],
    ['names are told apart by case', { allowedTools: ['Fetch'] }, []],
  ];
  for (const [what, filter, left] of table) {
    test(`tool catalog - ${what}`, () => {
      assert.deepEqual(callable(names, filter), left);
    });
  }

  test('tool catalog - hidden tools say which list hides them', () => {
    const { hidden } = createCatalog(listed([tool('a'), tool('b')]), {
      filter: { allowedTools: ['a'], deniedTools: ['a'] },
      isWorkIq: true,
      guards,
    });
    assert.deepEqual(hidden, [
      { name: 'a', code: 'denied', reason: 'deniedTools in mcp.json names it' },
      { name: 'b', code: 'not_allowed', reason: 'allowedTools in mcp.json does not name it' },
    ]);
  });

  test('tool catalog - what the server describes badly and what it has beyond the bound is named as hidden', () => {
    const { tools, hidden } = createCatalog(
      { tools: [tool('a')], malformed: ['b', ''], truncated: true },
      { filter: {}, isWorkIq: true, guards },
    );
    assert.deepEqual([...tools.keys()], ['a']);
    assert.deepEqual(
      hidden.map(({ name, code }) => [name, code]),
      [
        ['b', 'invalid'],
        [undefined, 'invalid'],
        ['(more tools)', 'unavailable'],
      ],
    );
  });

  test('tool catalog - a denied name with a line break in it stays denied', () => {
    assert.equal(filterReason('send\nMail', { deniedTools: ['send*'] })?.code, 'denied');
    assert.equal(filterReason('ask\n', { allowedTools: ['ask'] })?.code, 'not_allowed');
  });

  test('tool catalog - patterns agree with a regular expression for any name', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
    const nameText = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 });
    fc.assert(
      fc.property(letters, nameText, (pattern, name) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*');
        const expected = new RegExp(`^${source}$`, 's').test(name);
        assert.equal(filterReason(name, { allowedTools: [pattern] }) === undefined, expected, `${pattern} on ${name}`);
      }),
      { numRuns: 3_000 },
    );
  });

  test('tool catalog - hostile patterns on hostile names end', () => {
    assert.equal(filterReason('a'.repeat(100_000), { deniedTools: [`${'*a'.repeat(1_000)}*b`] }), undefined);
  });
});

const sideEffects = (one: Tool, isWorkIq: boolean): string | undefined =>
  createCatalog(listed([one]), { filter: {}, isWorkIq, guards }).tools.get(one.name)?.sideEffects;

describe('tool catalog - side effects [P10]', () => {
  test('tool catalog - readOnlyHint decides where the server gives it [P10]', () => {
    assert.equal(sideEffects(tool('x', { annotations: { readOnlyHint: true } }), false), 'read');
    assert.equal(sideEffects(tool('fetch', { annotations: { readOnlyHint: false } }), true), 'write');
    assert.equal(sideEffects(tool('x', { annotations: { idempotentHint: true } }), false), 'write');
  });

  test('tool catalog - a known writer of Work IQ stays one whatever its annotations say [P10]', () => {
    const annotations = { readOnlyHint: true };
    for (const name of ['do_action', 'Do_Action', 'update_entity', 'SendDraftMessage', 'CreateEvent'])
      assert.equal(sideEffects(tool(name, { annotations }), true), 'write', name);
    assert.equal(sideEffects(tool('do_action', { annotations }), false), 'read', 'of a stranger it means nothing');
  });

  test('tool catalog - what is not known to be a read counts as a write [P10]', () => {
    assert.equal(sideEffects(tool('fetch'), true), 'read');
    assert.equal(sideEffects(tool('Fetch'), true), 'write');
    assert.equal(sideEffects(tool('upload_blob'), true), 'write');
    assert.equal(sideEffects(tool('execute'), true), 'write');
  });

  test('tool catalog - names mean nothing on servers that are not of Work IQ [P10]', () => {
    for (const name of workIqReads) assert.equal(sideEffects(tool(name), false), 'write');
  });

  test('tool catalog - no tool of Work IQ that changes something counts as a read [P10]', () => {
    const definitions = [createMailServer(), createCalendarServer(), createMeServer()].flatMap(
      (server) => server.definitions,
    );
    for (const { name, mutates } of [...UNIFIED_TOOLS, ...definitions]) {
      assert.equal(sideEffects(tool(name), true), mutates ? 'write' : 'read', name);
    }
  });

  test('tool catalog - no known read has the name of a change [P10]', () => {
    const changing =
      /^(?:create|update|delete|send|add|remove|reply|forward|accept|decline|cancel|copy|move|upload|set|patch|post|do_|flag|rename|share)/i;
    assert.deepEqual(
      [...workIqReads].filter((name) => changing.test(name)),
      [],
    );
  });
});
