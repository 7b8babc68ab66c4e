// What this window makes of an agent's mcp.json: whether it may manage, when VS Code has to notice a change, which version a save
// replaces, and what a person is told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgentMcpFile } from '../../extension/mcp-file/agent-mcp-file.ts';
import { parseAgentPath } from '../../extension/mcp-file/agent-file-path.ts';
import { FileMarks } from '../../extension/mcp-file/file-marks.ts';
import { GivenVersions } from '../../extension/mcp-file/given-versions.ts';
import { readOnlyText, refusedText, savedText } from '../../extension/mcp-file/saved-text.ts';
import type { McpFileContent } from '../../shared/contract/manage-messages.ts';
import type { ErrorCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const content: McpFileContent = {
  text: '{}',
  version: 'v1',
  exists: true,
  editing: 'registered',
  profiles: [],
  environment: [],
  tenantId: 't',
};

function fileThat(answers: { manage: ErrorCode | 'ok'; file?: ErrorCode | 'ok' }) {
  const asked: string[] = [];
  const state = { ...answers };
  const answer = (code: ErrorCode | 'ok' = 'ok'): void => {
    if (code !== 'ok') throw new RockBotError({ code, message: `${code}.` });
  };
  const request = async (name: string): Promise<never> => {
    asked.push(name);
    answer(name === 'mcpManage' ? state.manage : state.file);
    return { servers: [], file: content } as never;
  };
  return { asked, state, file: new AgentMcpFile({ request }) };
}

describe('agent mcp file', () => {
  test('agent mcp file - who may manage reads and writes; who may not looks, and the bus is not asked in vain again', async () => {
    const manager = fileThat({ manage: 'ok' });
    assert.equal((await manager.file.read()).mayManage, true);
    const viewer = fileThat({ manage: 'forbidden' });
    assert.equal((await viewer.file.read()).mayManage, false);
    await viewer.file.read();
    assert.deepEqual(viewer.asked, ['mcpManage', 'mcpFile', 'mcpFile']);
    viewer.state.manage = 'ok';
    viewer.file.reset();
    assert.equal((await viewer.file.read()).mayManage, true);
  });

  test('agent mcp file - those who ask together share an answer', async () => {
    const { file, asked } = fileThat({ manage: 'ok' });
    await Promise.all([file.read(), file.read(), file.read()]);
    assert.equal(asked.length, 1);
    await file.read();
    assert.equal(asked.length, 2);
  });

  test('agent mcp file - an agent of a version without it is named as the reason; an outage keeps no right in mind', async () => {
    const old = fileThat({ manage: 'invalid_request' });
    await assert.rejects(old.file.read(), /does not give its mcp.json/);
    const away = fileThat({ manage: 'server_unavailable' });
    await assert.rejects(away.file.read(), { code: 'server_unavailable' });
    away.state.manage = 'ok';
    assert.equal((await away.file.read()).mayManage, true);
  });

  test('agent mcp file - a path is that of an agent, or nothing', () => {
    assert.deepEqual(parseAgentPath('/rockbot/mcp.json'), { kind: 'mcp_json', agent: 'rockbot' });
    for (const folder of ['/', '/rockbot', '']) assert.equal(parseAgentPath(folder).kind, 'folder', folder);
    for (const other of ['/rockbot/x.json', '/Rock Bot/mcp.json', '/a/b/mcp.json', '/../mcp.json', '/.vscode/mcp.json'])
      assert.equal(parseAgentPath(other).kind, 'nothing', other);
  });

  test('agent mcp file - another version has a later time and another size, also with as many bytes', () => {
    let now = 1_000;
    const marks = new FileMarks(() => now);
    const first = marks.mark({ version: 'a', bytes: 10 });
    assert.deepEqual(marks.mark({ version: 'a', bytes: 10 }), first);
    now = 900;
    const second = marks.mark({ version: 'b', bytes: 10 });
    assert.ok(second.mtime > first.mtime);
    assert.notEqual(second.size, first.size);
    const again = marks.mark({ version: 'a', bytes: 10 });
    assert.ok(again.mtime > second.mtime);
    assert.equal(again.size, first.size, 'an editor that began with it may go on');
    marks.touch();
    const touched = marks.mark({ version: 'a', bytes: 10 });
    assert.ok(touched.mtime > again.mtime && touched.size !== again.size);
    assert.equal(new FileMarks(() => 5_000).mark({ version: 'a', bytes: 10 }).size, first.size, 'after a reload, too');
  });

  test('agent mcp file - a save replaces what it was compared with, or nothing', () => {
    let now = 0;
    const given = new GivenVersions(() => now);
    assert.equal(given.toReplace(), undefined);
    given.give('a');
    assert.deepEqual(given.toReplace(), { version: 'a' });
    // Somebody saves between the look of a save and its write, and this window looks because of it.
    given.give('b');
    assert.equal(given.toReplace(), undefined);
    now = 2_000;
    assert.deepEqual(given.toReplace(), { version: 'b' });
    given.give('b');
    given.fail('The agent is not heard.');
    assert.equal(given.toReplace(), undefined);
    assert.equal(given.why, 'The agent is not heard.');
    given.give(undefined);
    assert.equal(given.why, undefined);
    assert.deepEqual(given.toReplace(), { version: undefined });
  });

  test('agent mcp file - what a person is told of a save is bounded and in plain words', () => {
    const applied = { added: [], changed: ['a', 'b'], removed: [], unchanged: ['c'], problems: [] };
    assert.deepEqual(savedText('rockbot', applied), {
      text: 'Saved to the agent "rockbot": 2 servers changed: a, b.',
      isTrouble: false,
    });
    const many = Array.from({ length: 300 }, (_, index) => `server-${index}`);
    const { text, isTrouble } = savedText('rockbot', {
      ...applied,
      added: many,
      problems: ['x: y\n\u202ez', 'b', 'c', 'd'],
    });
    assert.match(
      text,
      /300 servers added: server-0, .*and 295 more; 2 servers changed: a, b\. Problems: x: y z; b; c; and 1 more\./,
    );
    assert.equal(isTrouble, true);
    assert.match(savedText('rockbot', { ...applied, changed: [] }).text, /no server changed/);
    const late = savedText('rockbot', { ...applied, problems: ['of the file before'], late: true });
    assert.match(late.text, /2 servers changed: a, b\. It is not in force yet/);
    assert.doesNotMatch(late.text, /before/);
    assert.equal(late.isTrouble, true);
    const problems = ['mail: it is wrong'];
    const refused = new RockBotError({
      code: 'invalid_arguments',
      message: 'm',
      problems,
      action: 'Look at "problems".',
    });
    assert.equal(refusedText(refused), 'The agent did not take it: mail: it is wrong.');
    assert.match(refusedText(new Error('secret')), /unexpected/);
  });

  test('agent mcp file - read-only is said with its reason, and the right to manage comes first', () => {
    assert.equal(readOnlyText('rockbot', { mayManage: true }), undefined);
    assert.match(
      readOnlyText('rockbot', { mayManage: true, readOnly: 'it is a link.' }) ?? '',
      /read-only here: it is a link\.$/,
    );
    assert.match(readOnlyText('rockbot', { mayManage: false, readOnly: 'x' }) ?? '', /not manage/);
  });
});
