// A result as markdown for pasting: every kind of block, and that text of tools stays text in it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTimeText } from '../../extension/results/time-text.ts';
import { resultMarkdown } from '../../extension/results/to-markdown.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { asText, calendarEvent, errorEvent, mail, nested, resultEvent, structured } from '../support/result-samples.ts';

const times = createTimeText({ timeZone: 'Europe/Berlin', locale: 'en-GB', now: Date.parse('2026-11-23T08:00:00Z') });
const bodyOf = (event: ToolResultEvent): string => resultMarkdown(event, times).split('\n').slice(4).join('\n').trim();
const body = (result: unknown): string => bodyOf(resultEvent(result));

describe('result as markdown', () => {
  test('result as markdown - the head says what was called, by whom and when', () => {
    assert.deepEqual(
      resultMarkdown(resultEvent(asText([]), { caller: 'vscode' }), times)
        .split('\n')
        .slice(0, 4),
      ['## fetch', '', '*workiq · VS Code · Today 08:59 · 1.2 s*', ''],
    );
  });

  const cases: [string, unknown, string][] = [
    [
      'a mail list',
      structured({ value: [mail({ subject: 'A | B' }), mail({}, 1)], '@odata.nextLink': 'x' }),
      '|  | From | Subject | Received |\n| --- | --- | --- | --- |\n| ● | Rob Young | A \\| B | Today 07:15 |\n|  | Rob Young | Budget review | Today 06:15 |\n\n*There are more; ask for the next page or a narrower filter.*',
    ],
    [
      'a mail',
      structured(mail({ content: '<p>Hi <b>you</b></p><p># not a heading</p>' })),
      '### Budget review\n\n**From:** Rob Young \\<rob@contoso.example\\>  \n**To:** Adele Vance \\<adele@contoso.example\\>  \n**Date:** Today 07:15  \n\n> Hi you\n> \\# not a heading',
    ],
    [
      'an agenda',
      asText({
        value: [
          calendarEvent('Stand-up', '2026-11-23T08:30:00', '2026-11-23T08:45:00', {
            isCancelled: true,
            location: { displayName: 'Room 1' },
          }),
        ],
      }),
      '### Monday, 23 November 2026 (today)\n\n- **09:30 – 09:45** ~~Stand-up~~ · cancelled · Room 1',
    ],
    [
      'files',
      asText({ value: [{ name: 'a b.txt', size: 1_000, webUrl: 'https://x.example/a%20b.txt', file: {} }] }),
      '| Name | Size | Modified |\n| --- | --- | --- |\n| [a b.txt](<https://x.example/a%20b.txt>) | 1.0 kB |  |',
    ],
    [
      'an answer with what it cites',
      asText({
        reply: 'Yes **it** is [^1^].',
        rawResponse: JSON.stringify({
          messages: [{}, { attributions: [{ providerDisplayName: 'Mail', seeMoreWebUrl: 'https://x.example/' }] }],
        }),
      }),
      'Yes **it** is [1].\n\n1. [Mail](<https://x.example/>) (Web)',
    ],
    [
      'a table',
      asText([
        { a: 1, b: 'x' },
        { a: 2, b: null },
      ]),
      '| a | b |\n| --- | --- |\n| 1 | x |\n| 2 |  |',
    ],
    ['JSON', asText([1, [2]]), '```json\n[\n  1,\n  [\n    2\n  ]\n]\n```'],
    ['text with a fence in it', { content: [{ type: 'text', text: 'a\n````\nb' }] }, '`````\na\n````\nb\n`````'],
    ['nothing', asText({ value: [] }), 'Nothing found.'],
  ];
  for (const [name, result, expected] of cases)
    test(`result as markdown - ${name}`, () => assert.equal(body(result), expected));

  test('result as markdown - an error with its next step', () => {
    assert.equal(
      bodyOf(errorEvent({ code: 'throttled', message: 'Busy.', retryAfterMs: 5_000, requestId: 'r1' })),
      '**Too many requests** (`throttled`)\n\nThe service asked for a pause. Nothing was changed.\n\n> Busy.\n\nNext: Wait, then run the tool again. Try again in 5 s.\n\nRequest id: `r1`',
    );
  });

  test('result as markdown - hostile text stays text', () => {
    const words =
      '<img src=x onerror=a> [x](javascript:a) ![i](https://e.example/) `code` **b** https://e.example | \n# head \u202e\u001b[0m';
    for (const result of [
      structured({ value: [mail({ subject: words, from: words })] }),
      structured(mail({ subject: words, from: words, content: words })),
      asText([{ [words]: words }, { [words]: 1 }]),
      asText({ value: [calendarEvent(words, words, words, { location: { displayName: words } })] }),
      asText({ value: [{ name: words, file: {}, webUrl: 'javascript:a' }] }),
    ]) {
      const text = resultMarkdown(resultEvent(result, { tool: words, server: words, caller: words }), times);
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(text, /(?<!\\)<img|(?<!\\)\[x|(?<!\\)`code|(?<!\\)\*\*b|^# head|[\u202e\u001b]|https:\/\/e/m);
    }
  });

  test('result as markdown - nesting without end is written too', () => {
    assert.ok(body(structured({ a: nested(100_000), b: {}, c: {} })).length > 100_000);
  });
});
