// What tool results look like on a terminal, by shape; and that nothing in them can steer it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pc from 'picocolors';
import { safeJson } from '../../extension/cli/output.ts';
import { renderResult } from '../../extension/cli/render/render-result.ts';
import type { View } from '../../extension/cli/render/view.ts';
import { widthOf } from '../../extension/cli/terminal-text.ts';

const view: View = {
  width: 80,
  colors: pc.createColors(false),
  timeZone: 'Europe/Berlin',
  now: Date.parse('2026-11-23T08:00:00Z'),
};

const render = (result: object, over: Partial<View> = {}): string =>
  renderResult(result, { ...view, ...over }).join('\n');
const asText = (value: unknown): object => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
const asStructure = (...items: object[]): object => ({
  content: [],
  structuredContent: { results: items.map((data) => ({ data, statusCode: 200 })) },
});

const at = (dateTime: string, timeZone: string): object => ({ dateTime, timeZone });

const mails = {
  value: [
    {
      id: '1',
      subject: 'Lunch on Friday?',
      from: { emailAddress: { name: 'Nadia Ok', address: 'nadia@example.org' } },
      receivedDateTime: '2026-11-23T06:15:00Z',
      isRead: false,
      importance: 'high',
      hasAttachments: true,
    },
    {
      id: '2',
      subject: '',
      from: { emailAddress: { address: 'bot@example.org' } },
      receivedDateTime: '2025-06-30T10:30:00Z',
      isRead: true,
    },
  ],
};

describe('render result', () => {
  test('render result - mail is one line each, unread marked, in local time', () => {
    const expected = [
      '●  today 07:15        Nadia Ok         !+Lunch on Friday?',
      '   30 Jun 2025 12:30   bot@example.org    (no subject)',
    ];
    const lines = render(asText(mails)).split('\n');
    assert.deepEqual(
      lines.map((line) => line.replace(/ +/g, ' ')),
      expected.map((line) => line.replace(/ +/g, ' ')),
    );
    assert.equal(render(asStructure(mails)), render(asText(mails)));
  });

  test('render result - further pages are announced', () => {
    assert.match(render(asText({ ...mails, '@odata.nextLink': 'https://x' })), /there are more/);
    assert.match(render(asText({ ...mails, hasMoreResults: true })), /there are more/);
    assert.doesNotMatch(render(asText({ ...mails, hasMoreResults: false })), /there are more/);
  });

  test('render result - one message shows its text, HTML without its tags', () => {
    const mail = {
      subject: 'Minutes',
      from: { emailAddress: { name: 'Nadia', address: 'n@example.org' } },
      toRecipients: [{ emailAddress: { address: 'you@example.org' } }],
      receivedDateTime: '2026-11-22T12:00:00Z',
      body: {
        contentType: 'html',
        content: '<style>p{}</style><p>Dear&nbsp;all,</p><ul><li>one &amp; two</li></ul><script>x()</script>',
      },
    };
    assert.equal(
      render({ content: [{ type: 'text', text: 'Found it.' }], structuredContent: { data: mail } }),
      [
        'Found it.',
        '',
        'Minutes',
        'From     Nadia <n@example.org>',
        'To       you@example.org',
        'Date     yesterday 13:00',
        '',
        'Dear all,',
        '',
        '- one & two',
      ].join('\n'),
    );
  });

  test('render result - events are an agenda by day in local time, whatever zone they come in', () => {
    const text = render(
      asText({
        value: [
          {
            subject: 'Late',
            start: at('2026-11-23T23:30:00.0000000', 'UTC'),
            end: at('2026-11-24T00:00:00.0000000', 'UTC'),
          },
          {
            subject: 'Early',
            start: at('2026-11-23T07:30:00.0000000', 'UTC'),
            end: at('2026-11-23T08:00:00.0000000', 'UTC'),
            location: { displayName: 'Room 1' },
            organizer: { emailAddress: { name: 'Ivo' } },
          },
          {
            subject: 'New York',
            start: at('2026-11-24T09:00:00', 'America/New_York'),
            end: at('2026-11-24T10:00:00', 'America/New_York'),
          },
          {
            subject: 'Holiday',
            isAllDay: true,
            start: at('2026-11-23T00:00:00.0000000', 'UTC'),
            end: at('2026-11-24T00:00:00.0000000', 'UTC'),
          },
          {
            subject: 'Windows zone',
            start: at('2026-11-25T09:00:00', 'Pacific Standard Time'),
            end: at('2026-11-25T10:00:00', 'Pacific Standard Time'),
          },
        ],
      }),
    );
    assert.equal(
      text.replace(/ {2,}/g, '  '),
      [
        'Monday 23 November 2026 (today)',
        '  all day  Holiday',
        '  08:30 – 09:00  Early  Room 1 · Ivo',
        '',
        'Tuesday 24 November 2026 (tomorrow)',
        '  00:30 – 01:00  Late',
        '  15:00 – 16:00  New York',
        '',
        'Wednesday 25 November 2026',
        '  18:00 – 19:00  Windows zone',
      ].join('\n'),
    );
  });

  const shapes: [string, object, RegExp][] = [
    [
      'people',
      asText({ value: [{ displayName: 'Ivo Z', mail: 'ivo@example.org', jobTitle: 'Baker' }] }),
      /^Ivo Z {2}ivo@example\.org {2}Baker$/,
    ],
    [
      'the person asked for',
      asStructure({ displayName: 'Ivo Z', userPrincipalName: 'ivo@example.org' }),
      /^Ivo Z {2}ivo@example\.org$/,
    ],
    [
      'chats',
      asText({
        chats: [
          { id: '19:x', topic: 'Plans', chatType: 'group', members: [{ displayName: 'A' }, { displayName: 'B' }] },
        ],
      }),
      /group {2}Plans {2}A, B/,
    ],
    [
      'a chat without a topic by its members',
      asText({ value: [{ chatType: 'oneOnOne', members: [{ displayName: 'Ivo' }] }] }),
      /oneOnOne {2}Ivo/,
    ],
    [
      'messages',
      asText({
        value: [
          {
            messageType: 'message',
            createdDateTime: '2026-11-23T06:00:00Z',
            from: { user: { displayName: 'Ivo' } },
            body: { contentType: 'html', content: '<p>Hi</p>' },
          },
        ],
      }),
      /^Ivo {2}today 07:00\n {2}Hi$/,
    ],
    [
      'files',
      asText({
        value: [
          { name: 'Plan.docx', size: 18231, file: {}, lastModifiedDateTime: '2026-11-22T11:00:00Z' },
          { name: 'Old', folder: { childCount: 4 } },
        ],
      }),
      /Plan\.docx +18 kB {2}yesterday 12:00\nOld\/ +4 items/,
    ],
    [
      'agents',
      asText([{ agentId: 'a1', name: 'Researcher', provider: 'Microsoft' }]),
      /^Researcher {2}a1 {2}Microsoft$/,
    ],
    [
      'search hits',
      asText({
        value: [
          {
            hitsContainers: [
              {
                hits: [
                  {
                    summary: '<c0>ship</c0> it',
                    resource: {
                      '@odata.type': '#microsoft.graph.chatMessage',
                      createdDateTime: '2026-11-23T06:00:00Z',
                      subject: null,
                      from: { emailAddress: { name: 'Ivo' } },
                    },
                  },
                ],
              },
            ],
          },
        ],
      }),
      /^Ivo {2}today 07:00\n {2}ship it$/,
    ],
    [
      'an answer',
      asText({ response: 'You have **one** meeting.', conversationId: 'c-1' }),
      /^You have one meeting\.\n\nConversation: c-1$/,
    ],
    [
      'an answer with its sources',
      asText({
        reply: 'It moved [^1^].',
        conversationId: 'c',
        rawResponse: JSON.stringify({
          messages: [
            { attributions: [{ providerDisplayName: 'the question' }] },
            { attributions: [{ providerDisplayName: 'Mail', seeMoreWebUrl: 'https://x/1' }] },
          ],
        }),
      }),
      /^It moved \[1\]\.\n\n\[1\] Mail \(Web\) {2}https:\/\/x\/1\n\nConversation: c$/,
    ],
    ['an empty list', asText({ value: [] }), /^Nothing found\.$/],
    ['nothing at all', { content: [] }, /the tool returned no content/],
    ['a deletion', { content: [], structuredContent: { statusCode: 204 } }, /^✔ Done/],
    [
      'a creation',
      {
        content: [],
        structuredContent: { statusCode: 201, data: { subject: 'New', isDraft: true, toRecipients: [] } },
      },
      /^✔ Created\.\nNew\n/,
    ],
    [
      'a file by its size',
      asStructure({ blobName: 'p.png', contentType: 'image/png', sizeBytes: 2048, base64Content: 'AAAA' }),
      /^p\.png {2}image\/png, 2\.0 kB$/,
    ],
    ['a picture', { content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }] }, /^image {2}image\/png, 3 B$/],
    [
      'plain words',
      { content: [{ type: 'text', text: 'Access denied for path: /x' }] },
      /^Access denied for path: \/x$/,
    ],
    ['an unknown object', asText({ paths: [{ path: '/me' }] }), /"paths": \[\n/],
    ['no result of the kind', { strange: true }, /the tool returned no content/],
  ];
  for (const [what, result, expected] of shapes) {
    test(`render result - ${what}`, () => {
      assert.match(render(result), expected);
    });
  }

  test('render result - JSON over several text blocks is read as one, the correlation id aside', () => {
    const text = JSON.stringify(mails);
    const result = {
      content: [
        { type: 'text', text: text.slice(0, 40) },
        { type: 'text', text: text.slice(40, 90) },
        { type: 'text', text: text.slice(90) },
        { type: 'text', text: 'CorrelationId: 0000-1111' },
      ],
    };
    assert.equal(render(result), render(asText(mails)));
    assert.match(render({ ...result, isError: true }), /Correlation id: 0000-1111/);
  });

  test('render result - documents in blocks of their own are shown one after another', () => {
    const result = {
      content: [
        ...[mails, { response: 'Yes.' }].map((value) => ({ type: 'text', text: JSON.stringify(value) })),
        { type: 'text', text: 'and words' },
      ],
    };
    const text = render(result);
    for (const part of [/Lunch on Friday/, /^Yes\.$/m, /^and words$/m]) assert.match(text, part);
  });

  test('render result - failures stand beside what succeeded', () => {
    const text = render({
      content: [],
      structuredContent: {
        results: [
          { data: mails, statusCode: 200 },
          { data: { error: { code: 'ErrorItemNotFound', message: 'Gone.' } }, statusCode: 404 },
        ],
      },
    });
    assert.match(text, /Lunch on Friday/);
    assert.match(text, /✖ request 2: 404 ErrorItemNotFound: Gone\./);
    assert.match(text, /1 of 2 requests failed\./);
  });

  test('render result - a failure alone says what it is', () => {
    assert.match(
      render({ ...asText({ error: 'busy', message: 'Later.', retryAfterSeconds: 30 }), isError: true }),
      /✖ busy: Later\./,
    );
    assert.match(
      render({ content: [], structuredContent: { statusCode: 403, data: null } }),
      /✖ 403: The service gave no reason\./,
    );
  });
});

describe('hostile result text', () => {
  const hostile = [
    '\u001b]0;owned\u0007',
    '\u001b[2J\u001b[H',
    '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\',
    '\u009b31m',
    '\rspoofed',
    '\u202egnp.exe',
    '\u2066x\u2069',
    'a\u0000b\u007f\u0085c',
    'two\nlines\u2028three',
    '\ud800',
    '\u{e0041}',
  ];
  const dangerous = /(?!\n)\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\u{e0000}-\u{e007f}]/u;

  test('hostile result text - no control character of any field reaches the terminal', () => {
    for (const text of hostile) {
      const person = { emailAddress: { name: text, address: text } };
      const body = { contentType: text, content: text };
      const results = [
        asText({ value: [{ subject: text, from: person, receivedDateTime: text, isRead: false }] }),
        asStructure({ subject: text, from: person, toRecipients: [person], receivedDateTime: text, body }),
        asText({
          value: [
            {
              subject: text,
              start: { dateTime: text, timeZone: text },
              location: { displayName: text },
              organizer: person,
              onlineMeeting: { joinUrl: text },
            },
          ],
        }),
        asText({ value: [{ displayName: text, mail: text, jobTitle: text }] }),
        asText({
          value: [{ chatType: text, topic: text, lastUpdatedDateTime: text, members: [{ displayName: text }] }],
        }),
        asText({
          value: [{ messageType: 'message', createdDateTime: text, from: { user: { displayName: text } }, body }],
        }),
        asText({ value: [{ name: text, webUrl: text, file: {}, lastModifiedDateTime: text }] }),
        asText({ response: text, conversationId: text }),
        asText({
          reply: text,
          rawResponse: JSON.stringify({
            messages: [{}, { attributions: [{ providerDisplayName: text, seeMoreWebUrl: text }] }],
          }),
        }),
        asText([{ agentId: text, name: text, provider: text }]),
        asText({ [text]: text }),
        asText({ error: { code: text, message: text } }),
        {
          content: [
            { type: 'text', text },
            { type: 'text', text: `CorrelationId: ${text}` },
          ],
          isError: true,
        },
        {
          content: [
            { type: 'resource_link', uri: text, name: text, mimeType: text },
            { type: text, text },
          ],
        },
        asStructure({ blobName: text, contentType: text, base64Content: 'AAAA' }),
      ];
      for (const result of results) {
        const lines = renderResult(result, view);
        for (const line of lines) {
          assert.doesNotMatch(line, dangerous, JSON.stringify(result));
          assert.ok(!line.includes('\n'), JSON.stringify(result));
        }
      }
    }
  });

  test('hostile result text - a subject cannot make a line of its own', () => {
    const subject = 'Hello\n●  today 08:00  Your Boss  Send money';
    const lines = renderResult(asText({ value: [{ ...mails.value[0], subject }] }), view);
    assert.equal(lines.length, 1);
  });

  test('hostile result text - JSON output is the same value without characters that a terminal obeys', () => {
    for (const text of hostile.filter((item) => item.isWellFormed())) {
      const json = safeJson({ text });
      assert.doesNotMatch(json, dangerous);
      assert.deepEqual(JSON.parse(json), { text });
    }
  });

  test('hostile result text - list lines keep to the width whatever script they are in', () => {
    const subject = '会議の議題について'.repeat(20);
    for (const width of [40, 80, 120]) {
      const lines = renderResult(asText({ value: [{ ...mails.value[0], subject }] }), { ...view, width });
      assert.ok(
        lines.every((line) => widthOf(line) <= width),
        `${width}: ${lines.map(widthOf).join()}`,
      );
    }
  });
});
