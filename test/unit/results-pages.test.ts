// Further pages of a list: which call reads one, how it comes into the result that is shown, and what is said when it does not come.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { appendPage } from '../../extension/results/append-page.ts';
import { nextLinkOf, resultDocument } from '../../extension/results/result-document.ts';
import { nextPageCall, pathOf } from '../../extension/servers/next-page-call.ts';
import type { ListedServer, ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { asText, errorEvent, mail, resultEvent, structured } from '../support/result-samples.ts';

const link = 'https://graph.microsoft.com/v1.0/me/messages?%24select=id%2csubject&%24top=2&%24skip=2';
const page = (first: number, next?: string): object => ({
  value: [mail({ subject: `Mail ${first}` }), mail({ subject: `Mail ${first + 1}` })],
  ...(next !== undefined && { '@odata.nextLink': next }),
});

function subjects(event: ToolResultEvent): unknown[] {
  return resultDocument(event).blocks.map((block) =>
    block.kind === 'mails' ? block.items.map(({ subject }) => subject) : block.kind,
  );
}

function append(event: ToolResultEvent, answer: unknown, from = link): ToolResultEvent {
  const appended = appendPage(event, from, resultEvent(answer));
  assert.equal(appended.kind, 'appended', JSON.stringify(appended));
  return appended.kind === 'appended' ? appended.event : event;
}

describe('pages of a list', () => {
  for (const [server, wrap] of [
    ['the unified server', structured],
    ['the catalogue', asText],
  ] as const) {
    test(`pages - the next one of ${server} comes after the first, until there is none`, () => {
      const event = resultEvent(wrap(page(0, link)));
      assert.equal(nextLinkOf(resultDocument(event), 0), link);
      const two = append(event, wrap(page(2, `${link}2`)));
      assert.deepEqual(subjects(two), [['Mail 0', 'Mail 1', 'Mail 2', 'Mail 3']]);
      assert.equal(two.callId, event.callId);
      const three = append(two, wrap(page(4)), `${link}2`);
      assert.deepEqual(subjects(three), [['Mail 0', 'Mail 1', 'Mail 2', 'Mail 3', 'Mail 4', 'Mail 5']]);
      const [block] = resultDocument(three).blocks;
      assert.ok(block !== undefined && 'more' in block && !block.more);
    });
  }

  test('pages - of several lists in one result, the one with the link grows, and the others stay', () => {
    const event = resultEvent(structured(page(10, 'https://other.example/v1.0/x'), page(0, link)));
    assert.deepEqual(subjects(append(event, structured(page(2)))), [
      ['Mail 10', 'Mail 11'],
      ['Mail 0', 'Mail 1', 'Mail 2', 'Mail 3'],
    ]);
  });

  test('pages - a table grows, whole numbers stay what they are, and a wrapper that counts is told', () => {
    const rows = (id: string, more: object): object => ({
      content: [{ type: 'text', text: `{"items":[{"id":${id},"a":1}],${JSON.stringify(more).slice(1)}` }],
    });
    const event = resultEvent(rows('12345678901234567890', { hasMoreResults: true, nextLink: link }));
    const grown = append(event, rows('22345678901234567891', { hasMoreResults: false, nextLink: null }));
    assert.equal(
      JSON.stringify(grown.result),
      JSON.stringify({
        content: [
          {
            type: 'text',
            text: '{"items":[{"id":12345678901234567890,"a":1},{"id":22345678901234567891,"a":1}],"hasMoreResults":false}',
          },
        ],
      }),
    );
  });

  test('pages - a refusal, a failure inside and an answer without a list leave the rows and say why', () => {
    const event = resultEvent(structured(page(0, link)));
    const failure = { error: { code: 'Policy', message: 'The option $skip is blocked.' } };
    const refused = { content: [], structuredContent: { results: [{ data: failure, statusCode: 403 }] } };
    for (const [answer, problem] of [
      [
        errorEvent({ code: 'policy_denied', message: 'Blocked.', action: 'Ask for less.' }),
        /^Blocked\. Ask for less\.$/,
      ],
      [resultEvent(refused), /^The option \$skip is blocked\.$/],
      [resultEvent(structured({ id: 'x' })), /not a page of this list/],
      [resultEvent({ content: [{ type: 'text', text: 'Hello' }] }), /not a page of this list/],
    ] as const) {
      const appended = appendPage(event, link, answer);
      assert.ok(appended.kind === 'failed');
      assert.match(appended.problem, problem);
    }
  });

  test('pages - beside a text none is offered, since the list could not be put back among it', () => {
    const [text] = (asText(page(0, link)) as { content: object[] }).content;
    const event = resultEvent({ content: [{ type: 'text', text: 'Here it is:' }, text] });
    const document = resultDocument(event);
    assert.ok(document.blocks.length > 0);
    assert.ok(document.blocks.every((_, block) => nextLinkOf(document, block) === undefined));
  });
});

describe('call of the next page', () => {
  const listOfTexts = { type: 'array', items: { type: 'string' } };
  const server = (inputSchema: object, sideEffects: 'read' | 'write' = 'read'): ListedServer[] => [
    {
      name: 'workiq',
      state: 'ready',
      type: 'streamable-http',
      tools: [{ name: 'fetch', inputSchema: { type: 'object', ...inputSchema }, sideEffects }],
      hidden: [],
    },
  ];
  const fetching = { properties: { entityUrls: listOfTexts, agentId: { type: 'string' } }, required: ['entityUrls'] };
  const request = { server: 'workiq', tool: 'fetch', link };
  const path = '/me/messages?$select=id%2csubject&$top=2&$skip=2';

  test('pages - a tool that takes paths is given the path of the page alone, beside what else it was given', () => {
    const expected = { server: 'workiq', tool: 'fetch', arguments: { agentId: 'a', entityUrls: [path] } };
    const before = { entityUrls: ['/me', '/me/messages'], agentId: 'a' };
    assert.deepEqual(nextPageCall(server(fetching), { ...request, arguments: before }), expected);
    // Of a call of somebody else nothing is known.
    assert.deepEqual(nextPageCall(server(fetching), request)?.arguments, { entityUrls: [path] });
  });

  test('pages - a tool that takes the link is given the link, when all that it needs is known', () => {
    const properties = { queryParameters: { type: 'string' }, nextLink: { type: 'string' } };
    assert.deepEqual(nextPageCall(server({ properties }), request)?.arguments, { nextLink: link });
    const needing = server({ properties, required: ['queryParameters'] });
    assert.equal(nextPageCall(needing, request), undefined);
    assert.deepEqual(nextPageCall(needing, { ...request, arguments: { queryParameters: '?$top=2' } })?.arguments, {
      queryParameters: '?$top=2',
      nextLink: link,
    });
  });

  for (const [name, servers, more] of [
    ['a tool that might do more than read', server(fetching, 'write'), {}],
    ['a tool that is hidden or gone', [], {}],
    ['a tool that takes no paths', server({ properties: { id: { type: 'string' } }, required: ['id'] }), {}],
    ['a tool that needs more', server({ ...fetching, required: ['entityUrls', 'agentId'] }), {}],
    ['a link to no Graph', server(fetching), { link: 'https://evil.example/steal' }],
    ['a link without encryption', server(fetching), { link: 'http://graph.microsoft.com/v1.0/me' }],
  ] as const)
    test(`pages - none is asked for from ${name}`, () =>
      assert.equal(nextPageCall(servers, { ...request, ...more }), undefined));

  test('pages - the path of a link is what follows the version, and a path stays one', () => {
    assert.equal(pathOf('/me/messages?$skip=2'), '/me/messages?$skip=2');
    assert.equal(pathOf('//evil.example/x'), undefined);
    assert.equal(pathOf('https://graph.microsoft.us/v1.0/me/events?%24skip=1&x=%24y'), '/me/events?$skip=1&x=%24y');
    assert.equal(pathOf('https://graph.microsoft.com/beta/me'), undefined);
    assert.equal(pathOf('nonsense'), undefined);
  });
});
