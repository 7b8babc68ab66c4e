// The language server driven over real LSP on stdio: every feature once, edits that come in parts, what it is told of the agent.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  CancellationTokenSource,
  CodeActionRequest,
  CodeLensRequest,
  CompletionRequest,
  DocumentFormattingRequest,
  DocumentLinkRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  InlayHintRequest,
  PrepareRenameRequest,
  RenameRequest,
  type CompletionItem,
  type Diagnostic,
  type Position,
  type Range,
} from 'vscode-languageserver';
import { applied, documentOf, positionOf, sampleContext, sampleText, tenantId } from '../support/language-samples.ts';
import { startLanguageServer, type LanguageServerProcess } from '../support/language-server.ts';
import { until } from '../support/until.ts';

const uri = 'file:///agent/mcp.json';
const textDocument = { uri };
const sample = documentOf(sampleText);
const start: Position = { line: 0, character: 0 };
const whole: Range = { start, end: { line: 1_000, character: 0 } };
const options = { tabSize: 2, insertSpaces: true };
/** Made up, in the form of a real one. */
const token = `ghp_${'a1B2c3D4e5'.repeat(3)}F6g7H8`;

function labelsOf(answer: CompletionItem[] | { items: CompletionItem[] } | null): string[] {
  return (Array.isArray(answer) ? answer : (answer?.items ?? [])).map(({ label }) => label);
}

const built = fileURLToPath(new URL('../../dist/language-server.cjs', import.meta.url));

// The bundle has parts of other versions than the packages that the sources find.
for (const program of [undefined, built])
  describe(`language server, ${program === undefined ? 'from its sources' : 'built'}`, () => {
    let server: LanguageServerProcess;
    before(async () => {
      assert.ok(program === undefined || existsSync(program), 'run "npm run build"');
      server = await startLanguageServer({ program });
      await server.open(uri, sampleText);
      await server.tell(sampleContext);
    });
    after(() => server[Symbol.asyncDispose]());

    const complete = async (position: Position, triggerCharacter?: string): Promise<string[]> =>
      labelsOf(
        await server.connection.sendRequest(CompletionRequest.type, {
          textDocument,
          position,
          ...(triggerCharacter !== undefined && { context: { triggerKind: 2, triggerCharacter } }),
        }),
      );

    test('language server - says what it can do', () => {
      const { capabilities } = server.initialized;
      assert.deepEqual(capabilities.textDocumentSync, { openClose: true, change: 2 });
      for (const provider of [
        'hoverProvider',
        'completionProvider',
        'codeLensProvider',
        'inlayHintProvider',
        'documentSymbolProvider',
        'foldingRangeProvider',
        'documentFormattingProvider',
        'documentRangeFormattingProvider',
        'renameProvider',
        'documentLinkProvider',
        'codeActionProvider',
      ] as const)
        assert.ok(capabilities[provider], provider);
    });

    test('language server - completes with what the agent has', async () => {
      assert.deepEqual((await complete(positionOf(sample, '"search_*"', 4))).toSorted(), [
        'ask',
        'do_action',
        'search_paths',
      ]);
      assert.deepEqual(
        await complete(positionOf(sample, '"tickets": {', 12)),
        await complete(positionOf(sample, '"tickets": {', 12)),
      );
    });

    test('language server - hovers, lenses, hints, symbols, folding and links', async () => {
      const { connection } = server;
      const hover = await connection.sendRequest(HoverRequest.type, {
        textDocument,
        position: positionOf(sample, '"fetch",'),
      });
      assert.match(JSON.stringify(hover), /Reads/);
      const lenses = await connection.sendRequest(CodeLensRequest.type, { textDocument });
      assert.ok(lenses?.some(({ command }) => command?.title === '$(pass)\u00a0ready, 3 tools, 1 hidden'));
      const hints = await connection.sendRequest(InlayHintRequest.type, { textDocument, range: whole });
      assert.deepEqual(
        hints?.map(({ label }) => label),
        [`= ${tenantId}`, `= ${tenantId}`],
      );
      const symbols = await connection.sendRequest(DocumentSymbolRequest.type, { textDocument });
      assert.deepEqual(
        symbols?.map(({ name }) => name),
        ['mcpServers'],
      );
      assert.ok(((await connection.sendRequest(FoldingRangeRequest.type, { textDocument })) ?? []).length > 4);
      const links = await connection.sendRequest(DocumentLinkRequest.type, { textDocument });
      assert.ok(links?.length === 4 && links.every(({ target }) => target === 'guide:/variables'));
    });

    test('language server - formats a file and a part of it', async () => {
      const { connection } = server;
      assert.ok(Array.isArray(await connection.sendRequest(DocumentFormattingRequest.type, { textDocument, options })));
      const range = { start: { line: 4, character: 0 }, end: { line: 6, character: 0 } };
      assert.ok(
        Array.isArray(
          await connection.sendRequest(DocumentRangeFormattingRequest.type, { textDocument, options, range }),
        ),
      );
    });

    test('language server - renames a server, and refuses with words', async () => {
      const { connection } = server;
      const position = positionOf(sample, '"mail": {', 2);
      const prepared = await connection.sendRequest(PrepareRenameRequest.type, { textDocument, position });
      assert.deepEqual(prepared !== null && 'placeholder' in prepared && prepared.placeholder, 'mail');
      const renamed = await connection.sendRequest(RenameRequest.type, { textDocument, position, newName: 'post' });
      assert.equal(applied(sample, renamed?.changes?.[uri] ?? []), sampleText.replace('"mail": {', '"post": {'));
      await assert.rejects(
        connection.sendRequest(RenameRequest.type, { textDocument, position, newName: 'workiq' }),
        /There is a server of this name already/,
      );
      assert.equal(await connection.sendRequest(PrepareRenameRequest.type, { textDocument, position: start }), null);
    });

    test('language server - changes that come in parts are read as a whole', async () => {
      const other = 'file:///agent/parts/mcp.json';
      await server.open(other, '{"mcpServers":{"a":{"url":"https://x.example"}}}');
      const at = (line: number, character: number): Position => ({ line, character });
      await server.change(other, 2, [
        { range: { start: at(0, 15), end: at(0, 15) }, text: '\n"b": { "command": "😀" },\n' },
        { range: { start: at(1, 0), end: at(1, 3) }, text: '"bb"' },
      ]);
      await server.change(other, 3, [{ range: { start: at(2, 1), end: at(2, 2) }, text: 'first' }]);
      const symbols = await server.connection.sendRequest(DocumentSymbolRequest.type, { textDocument: { uri: other } });
      const names = symbols
        ?.flatMap((symbol) => ('children' in symbol ? (symbol.children ?? []) : []))
        .map(({ name }) => name);
      assert.deepEqual(names, ['bb', 'first']);
      await server.close(other);
      assert.equal(
        await server.connection.sendRequest(DocumentSymbolRequest.type, { textDocument: { uri: other } }),
        null,
      );
    });

    const published = (of: string): Diagnostic[] =>
      server.diagnostics.findLast((one) => one.uri === of)?.diagnostics ?? [];

    test('[S3] language server - a token in the file is an error without the token, with fixes that take it away', async () => {
      const other = 'file:///agent/secret/mcp.json';
      const text = `{ "mcpServers": { "a": { "url": "https://x.example/mcp", "headers": { "Authorization": "Bearer ${token}" } } } }`;
      await server.open(other, text);
      await until('the error is published', () => published(other).some(({ severity }) => severity === 1));
      assert.doesNotMatch(JSON.stringify(server.diagnostics), new RegExp(token));
      const diagnostics = published(other).filter(({ code }) => code === 'mcp/secret');
      const [secret] = diagnostics;
      assert.ok(secret);
      assert.equal(secret.codeDescription?.href, 'guide:/mcpsecret');
      const actions = await server.connection.sendRequest(CodeActionRequest.type, {
        textDocument: { uri: other },
        range: secret.range,
        context: { diagnostics },
      });
      const edits = actions?.flatMap((action) => ('edit' in action ? [action.edit?.changes?.[other] ?? []] : [])) ?? [];
      assert.ok(edits.length > 0);
      for (const edit of edits) assert.doesNotMatch(applied(documentOf(text), edit), new RegExp(token));
      await server.close(other);
      await until('what was wrong is gone with the file', () => published(other).length === 0);
    });

    test('language server - typing is checked once it pauses, as it stands then', async () => {
      const other = 'file:///agent/typing/mcp.json';
      await server.open(other, '{}');
      await until('the first check', () => server.diagnostics.some((one) => one.uri === other));
      const before = server.diagnostics.filter((one) => one.uri === other).length;
      const last = 60;
      for (let version = 2; version <= last; version++)
        await server.change(other, version, [{ text: `{ "mcpServers": { ${' '.repeat(version)} ` }]);
      await until('the last version is checked', () =>
        server.diagnostics.some((one) => one.uri === other && one.version === last),
      );
      const checks = server.diagnostics.filter((one) => one.uri === other).length - before;
      assert.ok(checks < last / 2, `${checks} checks of ${last} changes`);
      await server.close(other);
    });

    test('language server - what is told of the agent changes what is shown, and its client is asked to draw anew', async () => {
      server.asked.length = 0;
      await server.tell({});
      assert.deepEqual(await server.connection.sendRequest(CodeLensRequest.type, { textDocument }), []);
      await until('the client was asked', () => server.asked.length === 2);
      assert.deepEqual(server.asked.toSorted(), ['workspace/codeLens/refresh', 'workspace/inlayHint/refresh']);
      // What cannot be read changes nothing.
      await server.tell(sampleContext);
      await server.connection.sendNotification('rockbot/context', { agent: { name: 7 } });
      assert.ok(((await server.connection.sendRequest(CodeLensRequest.type, { textDocument })) ?? []).length > 0);
    });

    test('language server - a request that is cancelled ends, and the next is answered', async () => {
      const cancel = new CancellationTokenSource();
      const asked = server.connection.sendRequest(
        CompletionRequest.type,
        { textDocument, position: start },
        cancel.token,
      );
      cancel.cancel();
      await asked.catch((error: unknown) => assert.match(String(error), /cancel/i));
      assert.ok((await complete(positionOf(sample, '"search_*"', 4))).length > 0);
    });

    test('language server - broken text and files that are not open are answered with nothing', async () => {
      const other = 'file:///agent/broken/mcp.json';
      await server.open(other, `${'['.repeat(50_000)}"\ud800`);
      for (const position of [start, { line: 99, character: 99 }])
        assert.deepEqual(
          labelsOf(
            await server.connection.sendRequest(CompletionRequest.type, { textDocument: { uri: other }, position }),
          ),
          [],
        );
      assert.equal(
        await server.connection.sendRequest(HoverRequest.type, {
          textDocument: { uri: 'file:///none' },
          position: start,
        }),
        null,
      );
      await server.close(other);
    });
  });

test('language server - without an agent everything works that needs none', async () => {
  await using server = await startLanguageServer();
  await server.open(uri, '{ "mcpServers": {  } }');
  const answer = await server.connection.sendRequest(CompletionRequest.type, {
    textDocument,
    position: { line: 0, character: 18 },
  });
  assert.ok(labelsOf(answer).includes('Work IQ'));
  assert.deepEqual(await server.connection.sendRequest(CodeLensRequest.type, { textDocument }), []);
});

test('language server - without a guide there are no links', async () => {
  await using server = await startLanguageServer({ options: {} });
  await server.open(uri, sampleText);
  assert.deepEqual(await server.connection.sendRequest(DocumentLinkRequest.type, { textDocument }), []);
});

test('language server - ends when it is asked to, and when its client is gone', async () => {
  for (const program of [undefined, built]) {
    await using asked = await startLanguageServer({ program });
    assert.equal(await asked.shutDown(), 0);
    await using left = await startLanguageServer({ program });
    left.endInput();
    await left.exited;
    assert.equal(left.stderr(), '');
  }
});
