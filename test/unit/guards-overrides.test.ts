// Calls that say in another place than their tool by which method they want to be sent, and actions under other names.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkCall } from '../../shared/guards/check-call.ts';
import { parseGuards } from '../../shared/guards/parse-guards.ts';

function isDenied(tool: string, args: Record<string, unknown>, raw: unknown): boolean {
  const parsed = parseGuards(raw);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const sideEffects = tool === 'fetch' || tool === 'call_function' ? 'read' : 'write';
  return checkCall({ tool, arguments: args, sideEffects, isWorkIq: true }, [parsed.guards]) !== undefined;
}

const batchOf = (request: Record<string, unknown>): Record<string, unknown> => ({
  actionUrl: '/$batch',
  jsonBody: { requests: [{ id: '1', method: 'GET', url: '/me/messages', ...request }] },
});

describe('guards - a call that wants to be another one', () => {
  const fetchMe = { entityUrls: ['/me'] };
  const disguises: [what: string, args: Record<string, unknown>][] = [
    ['headers as pairs', { ...fetchMe, headers: [['X-HTTP-Method-Override', 'POST']] }],
    ['headers as names and values', { ...fetchMe, headers: [{ name: 'X-HTTP-Method-Override', value: 'POST' }] }],
    ['headers as lines', { ...fetchMe, headers: ['X-HTTP-Method-Override: POST'] }],
    ['headers as a text', { ...fetchMe, headers: 'X-HTTP-Method-Override: POST' }],
    ['headers as JSON in a text', { ...fetchMe, headers: '{"Prefer":"x"}' }],
    ['headers as a list of anything', { ...fetchMe, headers: [['Prefer', 'x']] }],
    ['a list as the text of a header', { ...fetchMe, headers: { Prefer: ['x', 'y'] } }],
    ['a line break in a header', { ...fetchMe, headers: { Prefer: 'x\r\nX-HTTP-Method: POST' } }],
    ['headers under another name', { ...fetchMe, requestHeaders: [['Prefer', 'x']] }],
    ['headers in options', { ...fetchMe, options: { header: ['X-Method: POST'] } }],
    ['a name in another list', { ...fetchMe, extras: [{ key: 'x_http_method', value: 'POST' }] }],
    ['a method', { ...fetchMe, method: 'POST' }],
    ['httpMethod', { ...fetchMe, httpMethod: 'POST' }],
    ['a verb', { ...fetchMe, http_verb: 'POST' }],
    ['a method in options', { ...fetchMe, options: { requestMethod: 'POST' } }],
    ['a method beside a path', { entityUrls: [{ url: '/me', method: 'POST' }] }],
    ['a method beside a path in JSON', { entityUrls: '[{"url":"/me","method":"POST"}]' }],
    ['a method in the query', { entityUrls: ['/me?_method=POST'] }],
    ['a header in the query', { entityUrls: ['/me?X-HTTP-Method-Override=POST'] }],
    ['requests of its own', { ...fetchMe, requests: [{ method: 'POST', url: '/me/sendMail' }] }],
  ];
  for (const [what, args] of disguises) {
    for (const raw of ['read-only', 'no-send', { allow: ['fetch'] }, { deny: ['fetch /me/events'] }]) {
      test(`guards - ${what} is denied under ${JSON.stringify(raw)}`, () => {
        assert.ok(isDenied('fetch', args, raw));
      });
    }
  }

  test('guards - headers that are what they seem, and bodies with a method of their own, pass', () => {
    const headers = { Prefer: 'outlook.timezone="UTC"', ConsistencyLevel: 'eventual' };
    for (const args of [fetchMe, { ...fetchMe, headers }, { ...fetchMe, headers: {} }, { ...fetchMe, headers: null }])
      assert.equal(isDenied('fetch', args, 'read-only'), false, JSON.stringify(args));
    const note = { parentUrl: '/me/contacts', jsonBody: { method: 'phone', headers: ['a', 'b'], verb: 'call' } };
    assert.equal(isDenied('create_entity', note, 'no-send'), false);
    assert.equal(isDenied('create_entity', { ...note, jsonBody: JSON.stringify(note.jsonBody) }, 'no-send'), false);
  });

  const requests: [what: string, request: Record<string, unknown>][] = [
    ['headers as names and values', { headers: [{ name: 'X-HTTP-Method-Override', value: 'POST' }] }],
    ['headers as pairs', { headers: [['Prefer', 'x']] }],
    ['headers as a text', { headers: 'Prefer: x' }],
    ['a second method', { httpMethod: 'POST' }],
  ];
  for (const [what, request] of requests) {
    test(`guards - ${what} in a request of a batch is denied`, () => {
      assert.ok(isDenied('do_action', batchOf(request), 'no-send'));
      assert.ok(isDenied('do_action', batchOf(request), { deny: ['do_action **/sendMail'] }));
    });
  }

  test('guards - a request of a batch with plain headers passes', () => {
    assert.equal(isDenied('do_action', batchOf({ headers: { Prefer: 'x' } }), 'no-send'), false);
    const move = batchOf({ method: 'POST', url: '/me/messages/1/move', body: { destinationId: 'a' } });
    assert.equal(isDenied('do_action', move, 'no-send'), false);
  });
});

describe('guards - an action under other names', () => {
  const rule = { deny: ['do_action **/sendMail'] };
  for (const actionUrl of [
    '/me/sendMail/$value',
    '/me/sendMail/$count',
    '/me/sendMail/$VALUE/$ref',
    '/me/sendMail/%24value',
    '/me/sendMail:',
    '/me/sendMail:/',
    '/me/sendMail::',
    '/me/sendMail():',
    '/me/sendMail:/$value',
    '/me/x.y.sendMail',
    '/me/x.sendMail()',
    '/me/contoso.mail.sendMail/$value',
    '/me/x.y.sendMail:',
    '/users/me/x.y.SENDMAIL',
  ]) {
    test(`guards - deny **/sendMail denies ${actionUrl}`, () => {
      assert.ok(isDenied('do_action', { actionUrl }, rule));
      assert.ok(isDenied('do_action', batchOf({ method: 'POST', url: actionUrl }), rule));
    });
  }
  for (const actionUrl of ['/me/messages/1/move', '/me/sendMail/drafts', '/me/drive/root:/x.sendMail:/content']) {
    test(`guards - deny **/sendMail lets ${actionUrl} pass`, () => {
      assert.equal(isDenied('do_action', { actionUrl }, rule), false);
    });
  }

  test('guards - what is allowed is allowed under its plain name only', () => {
    const allow = { allow: ['do_action /me/messages/*/move'] };
    assert.equal(isDenied('do_action', { actionUrl: '/me/messages/1/move' }, allow), false);
    for (const actionUrl of ['/me/messages/1/move/$value', '/me/messages/1/move:', '/me/messages/1/x.move'])
      assert.ok(isDenied('do_action', { actionUrl }, allow), actionUrl);
  });

  test('guards - a file may be called like an action, and no-send still lets it be written', () => {
    assert.equal(isDenied('upload_blob', { path: '/me/drive/root:/please.send:/content' }, 'no-send'), false);
    assert.equal(isDenied('upload_blob', { path: '/me/drive/root:/report.docx:/content' }, 'no-send'), false);
  });
});
