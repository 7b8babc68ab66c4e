// What guards know of Work IQ's tools by name agrees with what the rest of the product knows of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { workIqReads } from '../../agent/bridge/work-iq-reads.ts';
import { catalogueWriter } from '../../shared/guards/catalogue-writers.ts';
import { parseGuards } from '../../shared/guards/parse-guards.ts';
import { deniesWholeTool } from '../../shared/guards/whole-tool.ts';
import { findPathTool, isGenericWriter, toolsWithMethod } from '../../shared/guards/work-iq-tools.ts';
import { createCalendarServer } from '../support/workiq/tools/calendar-tools.ts';
import { createMailServer } from '../support/workiq/tools/mail-tools.ts';
import { createMeServer } from '../support/workiq/tools/me-tools.ts';
import { UNIFIED_TOOLS } from '../support/workiq/tools/unified-definitions.ts';

function isHidden(
  raw: unknown,
  tool: string,
  { isWorkIq = true, sideEffects = 'write' as 'read' | 'write' } = {},
): boolean {
  const parsed = parseGuards(raw);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return deniesWholeTool({ tool, sideEffects, isWorkIq }, [parsed.guards]) !== undefined;
}

describe('guards - tools', () => {
  const catalogue = [createMailServer(), createCalendarServer(), createMeServer()].flatMap(
    ({ definitions }) => definitions,
  );

  test('guards - every writer of the catalogue is known as one, and no reader', () => {
    for (const { name, mutates } of catalogue) assert.equal(catalogueWriter(name) !== undefined, mutates, name);
  });

  test('guards - every writer of the single endpoint is known as one, and no reader', () => {
    for (const { name, mutates } of UNIFIED_TOOLS) assert.equal(isGenericWriter(name), mutates, name);
  });

  test('guards - what counts as a read is no known writer', () => {
    for (const name of workIqReads) assert.ok(!isGenericWriter(name) && catalogueWriter(name) === undefined, name);
  });

  test('guards - no writer whose name tells that it reaches people is taken for a quiet one', () => {
    const telling =
      /^(?:send(?!MessageToSelf)|reply|forward|share|post|accept|decline|cancel|invite|tentatively|add(?!Draft))|event|chat|channel/i;
    for (const { name, mutates } of catalogue)
      if (mutates && telling.test(name)) assert.equal(catalogueWriter(name), 'reaching', name);
  });

  test('guards - the generic tools with a path argument are known to act on paths', () => {
    for (const { name, inputSchema } of UNIFIED_TOOLS) {
      const actsOnPath = inputSchema.required.some((argument) => /(?:url|urls|path)$/i.test(argument));
      assert.equal(findPathTool(name) !== undefined, actsOnPath, name);
    }
    for (const method of ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const)
      for (const tool of toolsWithMethod(method)) assert.ok(findPathTool(tool), tool);
  });
});

describe('guards - tools that are not offered', () => {
  test('guards - read-only offers reads only', () => {
    for (const tool of ['do_action', 'SendDraftMessage', 'CreateDraftMessage', 'other'])
      assert.ok(isHidden('read-only', tool), tool);
    for (const tool of workIqReads) assert.ok(!isHidden('read-only', tool, { sideEffects: 'read' }), tool);
  });

  test('guards - no-send offers what may be called in some way', () => {
    for (const tool of ['SendDraftMessage', 'CreateEvent', 'PostMessage', 'execute', 'other'])
      assert.ok(isHidden('no-send', tool), tool);
    for (const tool of ['do_action', 'create_entity', 'CreateDraftMessage', 'CreateDocument'])
      assert.ok(!isHidden('no-send', tool), tool);
    assert.ok(isHidden('no-send', 'do_action', { isWorkIq: false }));
  });

  test('guards - rules hide a tool when they deny it as a whole', () => {
    const raw = { allow: ['fetch /me/**', 'do_action', 'ask'], deny: ['ASK_*', 'do_action **/sendMail'] };
    assert.ok(!isHidden(raw, 'fetch'));
    assert.ok(!isHidden(raw, 'do_action'));
    assert.ok(isHidden(raw, 'call_function'));
    assert.ok(isHidden(raw, 'ask_me'));
    assert.ok(isHidden({ deny: ['delete_entity **'] }, 'delete_entity'));
    assert.ok(isHidden({ deny: ['x'] }, 'execute'));
    assert.ok(!isHidden('full', 'execute'));
  });
});
