// What of a result is shown, by shape: which blocks a result becomes, what of it failed, and what an error says.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorMeaning } from '../../extension/results/error-meaning.ts';
import { jsonText } from '../../extension/results/json-text.ts';
import { resultDocument, type Block } from '../../extension/results/result-document.ts';
import { errorCodes } from '../../shared/errors/error-code.ts';
import {
  asText,
  calendarEvent,
  errorEvent,
  mail,
  pngBase64,
  resultEvent,
  structured,
} from '../support/result-samples.ts';

const blocksOf = (result: unknown): readonly Block[] => resultDocument(resultEvent(result)).blocks;
const kindsOf = (result: unknown): string[] => blocksOf(result).map(({ kind }) => kind);

const person = { displayName: 'Adele Vance', mail: 'adele@contoso.example' };
const message = { messageType: 'message', createdDateTime: '2026-11-20T16:00:00Z', body: { content: 'ok' } };
const chat = { chatType: 'group', topic: 'Project X', members: [{ displayName: 'Adele' }] };
const file = { name: 'Budget.xlsx', size: 1, file: { mimeType: 'x/y' } };
const event = calendarEvent('Stand-up', '2026-11-23T08:30:00', '2026-11-23T08:45:00');
const agent = { agentId: 'a1', name: 'Researcher', provider: 'Microsoft' };
const hits = {
  value: [
    {
      hitsContainers: [
        {
          hits: [{ resource: { ...message, '@odata.type': '#microsoft.graph.chatMessage' }, summary: '<c0>Ship</c0>' }],
        },
      ],
    },
  ],
};

describe('result document', () => {
  const shapes: [string, unknown, string[]][] = [
    ['mail of the unified server', structured({ value: [mail()] }), ['mails']],
    ['mail of the catalogue', asText({ value: [mail()], hasMoreResults: true }), ['mails']],
    ['one mail', { content: [], structuredContent: { data: mail() } }, ['mails']],
    ['events', structured({ value: [event] }), ['events']],
    ['one event', asText(event), ['events']],
    ['people', structured({ value: [person] }), ['people']],
    ['two answers of one call', structured(person, { value: [file] }), ['people', 'files']],
    ['chats under another key', asText({ chats: [chat] }), ['chats']],
    ['messages', asText({ messages: [message] }), ['messages']],
    ['hits of a search', asText(hits), ['messages']],
    ['files', structured({ value: [file, { name: 'Specs', folder: { childCount: 4 } }] }), ['files']],
    ['Copilot agents', asText([agent]), ['agents']],
    ['an answer', asText({ response: 'Yes.', conversationId: 'c' }), ['answer']],
    ['an empty list', structured({ value: [] }), ['empty']],
    [
      'like objects',
      asText([
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ]),
      ['table'],
    ],
    ['like objects in a wrapper', asText({ paths: [{ path: '/me', operations: ['fetch'] }], total: 1 }), ['table']],
    [
      'unlike objects',
      asText([
        { a: 1, b: 2, c: 3 },
        { d: 1, e: 1, f: 1 },
        { g: 1, h: 2, i: 3 },
      ]),
      ['json'],
    ],
    ['a list of scalars', asText([1, 2, 3]), ['json']],
    ['a flat object', asText({ id: 1, name: 'x', more: { a: 1 } }), ['fields']],
    ['a nested object', asText({ a: { b: 1 }, c: { d: 1 } }), ['json']],
    ['plain text', { content: [{ type: 'text', text: 'Hello.' }] }, ['text']],
    ['a created item', { content: [], structuredContent: { statusCode: 201, data: mail() } }, ['done', 'mails']],
    ['nothing to return', { content: [], structuredContent: { statusCode: 204 } }, ['done']],
    ['no content at all', { content: [] }, ['done']],
    ['an image', { content: [{ type: 'image', data: pngBase64, mimeType: 'image/png' }] }, ['image']],
    [
      'an image in a blob',
      structured({ blobName: 'p.png', contentType: 'image/png', base64Content: pngBase64 }),
      ['image'],
    ],
    [
      'a blob',
      structured({ blobName: 'p.pdf', contentType: 'application/pdf', base64Content: 'JVBERi0=' }),
      ['attachment'],
    ],
    [
      'a blob that names its own status',
      {
        content: [],
        structuredContent: {
          statusCode: 200,
          contentType: 'image/png',
          blobName: 'photo',
          sizeBytes: 70,
          base64Content: pngBase64,
        },
      },
      ['image'],
    ],
    [
      'what stands beside a status',
      { content: [], structuredContent: { statusCode: 200, id: 'x', name: 'y' } },
      ['fields'],
    ],
    [
      'what stands beside data and a status',
      { content: [], structuredContent: { statusCode: 200, data: mail(), next: 'x', total: 3 } },
      ['mails', 'fields'],
    ],
    [
      'what stands beside a failure',
      { content: [], structuredContent: { statusCode: 404, path: '/x', hint: 'y' } },
      ['failure', 'fields'],
    ],
    ['sound', { content: [{ type: 'audio', data: 'AAAA', mimeType: 'audio/wav' }] }, ['attachment']],
    [
      'a link to a file',
      { content: [{ type: 'resource_link', uri: 'https://x.example/a', name: 'a' }] },
      ['attachment'],
    ],
    ['no result of a tool', 'just text', ['text']],
    [
      'text beside a value',
      { content: [{ type: 'text', text: 'Found:' }], structuredContent: { data: mail() } },
      ['text', 'mails'],
    ],
  ];
  for (const [name, result, kinds] of shapes)
    test(`result document - ${name}`, () => assert.deepEqual(kindsOf(result), kinds));

  test('result document - a failed request is named by what was asked for, where one list of the arguments fits', () => {
    const results = [
      { statusCode: 200, data: person },
      { statusCode: 404, data: { error: { code: 'ErrorItemNotFound', message: 'Not found.' } } },
    ];
    const event = resultEvent({ content: [], structuredContent: { results } });
    const headings = (requests?: string[][]) =>
      resultDocument(event, { requests }).blocks.map(({ heading }) => heading);
    assert.deepEqual(headings([['/me', '/users/x\n']]), ['Request 1 of 2: /me', 'Request 2 of 2: /users/x']);
    const unnamed = ['Request 1 of 2', 'Request 2 of 2'];
    assert.deepEqual(headings(), unnamed);
    assert.deepEqual(headings([['a', 'b', 'c']]), unnamed);
    assert.deepEqual(
      headings([
        ['a', 'b'],
        ['c', 'd'],
      ]),
      unnamed,
    );
  });

  test('result document - JSON inside of text is shown as JSON, with the whole answer beside it', () => {
    const text = JSON.stringify({ value: [1, 2] });
    const split = { content: [text.slice(0, 4), text.slice(4)].map((part) => ({ type: 'text', text: part })) };
    const shown = resultDocument(resultEvent(split));
    assert.deepEqual([shown.json, shown.raw], [{ value: [1, 2] }, split]);
    const prose = { content: [{ type: 'text', text: 'Hello' }] };
    assert.deepEqual(
      [resultDocument(resultEvent(prose)).json, resultDocument(resultEvent(prose)).raw],
      [prose, undefined],
    );
    const mixed = {
      content: [
        { type: 'text', text: 'Found:' },
        { type: 'text', text },
      ],
    };
    assert.equal(resultDocument(resultEvent(mixed)).json, mixed);
  });

  test('result document - blocks stand in the order in which the server sent them', () => {
    const text = (words: string) => ({ type: 'text', text: words });
    const image = { type: 'image', data: pngBase64, mimeType: 'image/png' };
    const list = text(JSON.stringify({ value: [mail()] }));
    assert.deepEqual(kindsOf({ content: [text('First'), image, text('Second'), list] }), [
      'text',
      'image',
      'text',
      'mails',
    ]);
    const structuredContent = { data: mail() };
    assert.deepEqual(kindsOf({ content: [image, text('After')], structuredContent }), ['mails', 'image', 'text']);
    assert.deepEqual(kindsOf({ content: [text('Before'), image], structuredContent }), ['text', 'mails', 'image']);
  });

  test('result document - integers beyond 2^53 are shown as the server wrote them, where its text is at hand', () => {
    const text = '{"id":12345678901234567890,"share":0.1,"list":[9007199254740993]}';
    const { json } = resultDocument(resultEvent({ content: [{ type: 'text', text }] }));
    assert.equal(jsonText(json), text);
    const beside = { content: [{ type: 'text', text }], structuredContent: JSON.parse(text) as object };
    assert.equal(jsonText(resultDocument(resultEvent(beside)).json), text);
    const other = { ...beside, structuredContent: { id: 1 } };
    assert.equal(jsonText(resultDocument(resultEvent(other)).json), '{"id":1}');
  });

  test('result document - one odd field does not hide a list', () => {
    const value = [mail(), { ...mail(), importance: 7, toRecipients: 'nobody', hasAttachments: 'yes', body: 3 }];
    const [block] = blocksOf(structured({ value }));
    assert.ok(block?.kind === 'mails');
    assert.equal(block.items.length, 2);
    assert.equal(block.items[1]?.importance, undefined);
  });

  test('result document - failures are counted and keep their place among what succeeded', () => {
    const results = [
      { statusCode: 200, data: person },
      { statusCode: 404, data: { error: { code: 'ErrorItemNotFound', message: 'Not found.' } } },
      { statusCode: 204 },
    ];
    const shown = resultDocument(
      resultEvent({ content: [], structuredContent: { results }, _meta: { requestId: 'r1' } }),
    );
    assert.deepEqual([shown.failed, shown.requests, shown.correlationIds], [1, 3, ['r1']]);
    assert.deepEqual(
      shown.blocks.map(({ kind, heading }) => [kind, heading]),
      [
        ['people', 'Request 1 of 3'],
        ['failure', 'Request 2 of 3'],
        ['done', 'Request 3 of 3'],
      ],
    );
    const failure = shown.blocks[1];
    assert.ok(failure?.kind === 'failure');
    assert.deepEqual([failure.title, failure.message], ['Failed · 404 · ErrorItemNotFound', 'Not found.']);
    assert.match(failure.meaning ?? '', /no such item/);
  });

  test('result document - a result that is not here says how large it was', () => {
    assert.deepEqual(resultDocument(resultEvent(undefined, { resultBytes: 5_000_000 })).blocks, [
      { kind: 'absent', bytes: 5_000_000 },
    ]);
    assert.deepEqual(resultDocument(resultEvent(undefined)).blocks, [{ kind: 'absent', bytes: undefined }]);
  });
});

describe('result errors', () => {
  test('result errors - every code of the wire has words of its own', () => {
    const meanings = errorCodes.map(errorMeaning);
    assert.equal(new Set(meanings.map(({ title }) => title)).size, errorCodes.length);
    for (const { meaning, advice } of meanings) assert.match(`${meaning}|${advice}`, /^[A-Z].*\.\|[A-Z].*\.$/);
  });

  test('result errors - the advice of the agent goes before the general one, and a pause is told', () => {
    const { blocks } = resultDocument(
      errorEvent({ code: 'throttled', action: 'Wait a minute.', retryAfterMs: 61_500 }),
    );
    const [block] = blocks;
    assert.ok(block?.kind === 'error');
    assert.equal(block.card.advice, 'Wait a minute.');
    assert.equal(block.card.retryHint, 'Try again in 62 s.');
    assert.equal(block.card.step, 'runAgain');
  });

  test('result errors - what the server said beyond the message is shown below it', () => {
    const result = {
      isError: true,
      content: [
        { type: 'text', text: 'It failed.' },
        { type: 'text', text: 'Details of it.' },
      ],
    };
    const { blocks } = resultDocument(errorEvent({ code: 'execution_failed', result }));
    assert.deepEqual(
      blocks.map((block) => (block.kind === 'text' ? block.text : block.kind)),
      ['error', 'Details of it.'],
    );
  });

  test('result errors - a code of a newer agent keeps its name', () => {
    assert.match(errorMeaning('brand_new').title, /brand_new/);
  });
});
