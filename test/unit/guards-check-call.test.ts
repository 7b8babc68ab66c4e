// Which calls rules and presets let pass, and what is said about the others.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkCall, type GuardDenial } from '../../shared/guards/check-call.ts';
import { parseGuards, type Guards } from '../../shared/guards/parse-guards.ts';

function guardsOf(raw: unknown): Guards {
  const parsed = parseGuards(raw);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.guards;
}

const reads = new Set([
  'fetch',
  'fetch_blob',
  'call_function',
  'ask',
  'get_schema',
  'search_paths',
  'list_agents',
  'GetMessage',
]);

function check(tool: string, args: Record<string, unknown>, ...guards: unknown[]): GuardDenial | undefined {
  const sideEffects = reads.has(tool) ? 'read' : 'write';
  return checkCall({ tool, arguments: args, sideEffects, isWorkIq: true }, guards.map(guardsOf));
}

type Row = [tool: string, args: Record<string, unknown>];

function table(what: string, raw: unknown, { passing, denied }: { passing: Row[]; denied: Row[] }): void {
  for (const [tool, args] of passing) {
    test(`guards - ${what} lets ${tool} ${JSON.stringify(args).slice(0, 90)} pass`, () => {
      assert.equal(check(tool, args, raw), undefined);
    });
  }
  for (const [tool, args] of denied) {
    test(`guards - ${what} denies ${tool} ${JSON.stringify(args).slice(0, 90)}`, () => {
      assert.ok(check(tool, args, raw) !== undefined);
    });
  }
}

const batch = (...requests: unknown[]): Record<string, unknown> => ({ actionUrl: '/$batch', jsonBody: { requests } });
const request = (method: string, url: string): Record<string, unknown> => ({ id: '1', method, url });

describe('guards - deny rules', () => {
  table(
    'deny do_action **/sendMail',
    { deny: ['do_action **/sendMail'] },
    {
      passing: [
        ['do_action', { actionUrl: '/me/messages/1/move', jsonBody: { destinationId: 'archive' } }],
        ['do_action', batch(request('GET', '/me/messages'), request('POST', '/me/messages/1/move'))],
        ['create_entity', { parentUrl: '/me/messages' }],
        ['fetch', { entityUrls: ['/me/sendMail', '/me/a;b'] }],
        ['update_entity', { entityUrl: '/me/sendMail' }],
        ['ask', { question: 'who is /me/sendMail?' }],
        ['get_schema', { path: '/me/sendMail' }],
      ],
      denied: [
        ['do_action', { actionUrl: '/me/sendMail' }],
        ['do_action', { ACTION_URL: '/me/sendMail' }],
        ['do_action', { actionUrl: '/me/messages', url: '/me/sendMail' }],
        ['do_action', { actionUrl: ['/me/messages', '/me/sendMail'] }],
        ['do_action', { actionUrl: '["/me/messages","/me/sendMail"]' }],
        ['do_action', { actionUrl: { value: '/me/sendMail' } }],
        ['do_action', { target: '/me/sendMail', actionUrl: '/me/messages' }],
        ['do_action', { target: '%2fme/sendMail', actionUrl: '/me/messages' }],
        ['Do_Action', { actionUrl: '/me/sendMail' }],
        ['do_action_work_iq', { actionUrl: '/me/sendMail' }],
        ['create_entity', { parentUrl: '/me/sendMail' }],
        ['do_action', {}],
        ['do_action', { actionUrl: '/me/x;y' }],
        ['do_action', { actionUrl: '/me/x', jsonBody: { link: '/me/x;y' } }],
        ['do_action', { actionUrl: '/me/x', jsonBody: '{"link":"/me/sendMail"}' }],
        ['do_action', batch(request('GET', '/me'), request('POST', '/me/sendMail'))],
        ['do_action', batch(request('post', 'me/sendMail'))],
        ['do_action', batch(request('BREW', '/me/sendMail'))],
        ['update_entity', { ...batch(request('POST', '/me/sendMail')), entityUrl: '/$batch' }],
        [
          'create_entity',
          { parentUrl: '/v1.0/%24batch', jsonBody: JSON.stringify({ requests: [request('POST', '/me/sendMail')] }) },
        ],
        [
          'do_action',
          {
            actionUrl: '/$batch',
            jsonBody: JSON.stringify(JSON.stringify({ requests: [request('POST', '/me/sendMail')] })),
          },
        ],
        ['do_action', { actionUrl: '/$batch', jsonBody: { Requests: [{ Method: 'POST', URL: '/me/sendMail' }] } }],
        [
          'do_action',
          { actionUrl: '/$batch', jsonBody: { requests: JSON.stringify([request('POST', '/me/sendMail')]) } },
        ],
      ],
    },
  );

  const unreadable: [what: string, body: unknown][] = [
    ['no body', undefined],
    ['no requests', {}],
    ['an empty list', { requests: [] }],
    ['requests that are none', { requests: [1] }],
    ['a request without a method', { requests: [request('GET', '/me'), { url: '/me' }] }],
    ['a request without a url', { requests: [{ method: 'GET' }] }],
    ['a url that is no text', { requests: [{ method: 'GET', url: ['/me'] }] }],
    ['JSON with a name twice', '{"requests":[{"method":"GET","url":"/me/sendMail","url":"/me"}]}'],
    ['JSON with an escape in a name', String.raw`{"requests":[{"method":"GET","\u0075rl":"/me"}]}`],
    ['JSON with a comment', '{"requests":[{"method":"GET","url":"/me"}] /* x */}'],
    ['JSON with single quotes', "{'requests':[{'method':'GET','url':'/me'}]}"],
    ['a multipart body', '--batch_1\r\nPOST /me/sendMail'],
  ];
  for (const [what, jsonBody] of unreadable) {
    test(`guards - a batch with ${what} is denied by whatever restricts something`, () => {
      for (const raw of [{ deny: ['ask'] }, { deny: ['fetch /x'] }, { allow: ['do_action'] }, 'no-send', 'read-only'])
        assert.ok(check('do_action', { actionUrl: '/$batch', jsonBody }, raw) !== undefined, JSON.stringify(raw));
      assert.equal(check('do_action', { actionUrl: '/$batch', jsonBody }, 'full'), undefined);
    });
  }

  table(
    'deny of tools alone',
    { deny: ['delete_*', 'send*'] },
    {
      passing: [
        ['update_entity', { entityUrl: '/me/a;b' }],
        ['do_action', batch(request('POST', '/me/x'))],
      ],
      denied: [
        ['delete_entity', { entityUrl: '/me/x' }],
        ['DELETE_ENTITY', {}],
        ['sendMail', {}],
        ['SENDMAIL ', {}],
        ['ſendMail', {}],
        ['ｄelete_entity', {}],
        ['do_action', batch(request('PURGE', '/me/x'))],
        ['do_action', batch(request('DELETE', '/me/x'))],
        ['do_action', { actionUrl: '/%24batch;x', jsonBody: 'DELETE' }],
        ['update_entity', { entityUrl: '/me/x', headers: { 'X-HTTP-Method-Override': 'DELETE' } }],
        ['execute', { wiqr: 'delete all' }],
      ],
    },
  );

  table(
    'deny of a mailbox',
    { deny: ['fetch /me/messages/**'] },
    {
      passing: [
        ['fetch', { entityUrls: ['/me/events'] }],
        ['update_entity', { entityUrl: '/me/messages/1' }],
      ],
      denied: [
        ['fetch', { entityUrls: ['/me/events', '/me/messages/1'] }],
        ['fetch', { entityUrls: ['/users/me@contoso.com/messages'] }],
        ['fetch', { entityUrls: ["/users('1')/messages"] }],
        ['fetch', { entityUrls: ['/me?$expand=messages'] }],
        ['fetch', { entityUrls: [] }],
        ['call_function', { functionUrl: '/me/messages/delta' }],
        ['call_function', { parentUrl: '/me/messages/delta()' }],
        ['fetch_blob', { path: '/me/messages/1/$value' }],
        ['do_action', batch(request('GET', '/me/messages'))],
      ],
    },
  );

  test('guards - a tool of another server is denied by paths under names like url and path', () => {
    const raw = { deny: ['* /secret/**'] };
    for (const args of [{ path: 'secret/a' }, { file_path: '/secret' }, { options: { url: 'https://h/secret/b' } }])
      assert.ok(check('read', args, raw) !== undefined, JSON.stringify(args));
    assert.equal(check('read', { path: '/public', text: '/secret' }, raw), undefined);
    assert.equal(check('now', {}, raw), undefined);
  });

  test('guards - arguments too large or too deep to be looked through are denied where paths matter', () => {
    const deep = Array.from({ length: 60 }).reduce<unknown>((inner) => ({ a: inner }), { url: '/me/sendMail' });
    const wide = Array.from({ length: 60_000 }, () => 1);
    const text = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const jsonBody of [deep, wide, Array.from({ length: 300 }, () => ({ url: '/me' }))]) {
      assert.ok(
        check('do_action', { actionUrl: '/me/x', jsonBody }, { deny: ['do_action **/sendMail'] }) !== undefined,
      );
      assert.equal(check('ask', { jsonBody }, { deny: ['do_action **/sendMail'] }), undefined);
    }
    check('do_action', { actionUrl: '/me/x', jsonBody: text }, { deny: ['do_action **/sendMail'] });
  });
});

describe('guards - allow rules', () => {
  table(
    'allow fetch /me/messages/** and ask',
    { allow: ['fetch /me/messages/**', 'ask'] },
    {
      passing: [
        ['fetch', { entityUrls: ['/me/messages', "/v1.0/me/messages('1')/attachments?$top=1"] }],
        ['fetch', { entityUrls: ['/me/messages?$expand=attachments'] }],
        ['ask', { question: 'what is new?', fileUrls: ['https://x/a;b'] }],
      ],
      denied: [
        ['fetch', { entityUrls: ['/me/messages', '/me/events'] }],
        ['fetch', { entityUrls: ['/me/messages/../events'] }],
        ['fetch', { entityUrls: ['/me/messages/a;b'] }],
        ['fetch', { entityUrls: ['/me/messages'], next: 'https://h/me/events' }],
        ['fetch', { entityUrls: [] }],
        ['fetch', {}],
        ['fetch', { entityUrls: ['/users/1/messages'] }],
        ['Fetch', { entityUrls: ['/me/messages'] }],
        ['call_function', { functionUrl: '/me/messages/delta' }],
        ['Ask', { question: 'x' }],
        ['execute', { wiqr: { path: '/me/messages' } }],
      ],
    },
  );

  test('guards - an empty allow lets nothing pass', () => {
    for (const tool of ['ask', 'fetch', 'x']) assert.equal(check(tool, {}, { allow: [] })?.guard, 'allow');
  });

  test('guards - what is allowed must also pass the preset, and deny wins', () => {
    assert.equal(
      check('do_action', { actionUrl: '/me/sendMail' }, { preset: 'no-send', allow: ['*'] })?.guard,
      'no-send',
    );
    const raw = { allow: ['fetch /me/**'], deny: ['fetch /me/messages/**'] };
    assert.equal(check('fetch', { entityUrls: ['/me/messages/1'] }, raw)?.guard, 'fetch /me/messages/**');
    assert.equal(check('fetch', { entityUrls: ['/me/events'] }, raw), undefined);
  });

  test('guards - each request of an allowed batch must be allowed as a call of its own', () => {
    const raw = { allow: ['do_action /$batch', 'do_action /me/messages/**', 'fetch /me/events'] };
    assert.equal(
      check('do_action', batch(request('POST', '/me/messages/1/move'), request('GET', '/me/events')), raw),
      undefined,
    );
    for (const one of [
      request('DELETE', '/me/messages/1'),
      request('GET', '/me/messages'),
      request('POST', '/me/events'),
    ])
      assert.match(check('do_action', batch(one), raw)?.reason ?? '', /jsonBody\.requests\[0\]\.url/);
    assert.ok(check('do_action', batch(request('DELETE', '/x')), { allow: ['do_action'] }) !== undefined);
  });

  test('guards - a path in a body has to be allowed, too', () => {
    const raw = { allow: ['create_entity /me/messages'] };
    assert.equal(check('create_entity', { parentUrl: '/me/messages', jsonBody: { subject: '/me/x' } }, raw), undefined);
    const jsonBody = JSON.stringify({ '@odata.id': 'https://h/users/1' });
    assert.ok(check('create_entity', { parentUrl: '/me/messages', jsonBody }, raw) !== undefined);
  });
});

describe('guards - the preset read-only', () => {
  table('read-only', 'read-only', {
    passing: [
      ['fetch', { entityUrls: ['/me/messages'] }],
      ['call_function', { functionUrl: "/me/calendarView/delta(token='x')" }],
      ['fetch_blob', { path: '/me/drive/root:/a (1).docx:/content' }],
      ['ask', { question: 'x', fileUrls: ['https://contoso.sharepoint.com/a;b(1'] }],
      ['search_paths', { filter: '/me/(messages|events)' }],
      ['GetMessage', { id: 'x' }],
    ],
    denied: [
      ['do_action', { actionUrl: '/me/x' }],
      ['create_entity', { parentUrl: '/me/x' }],
      ['unknown', {}],
      ['fetch', { entityUrls: ['/me/messages', '/me/a;b'] }],
      ['fetch', { entityUrls: ['/$batch'] }],
      ['fetch', { entityUrls: ['/me'], headers: { 'X-HTTP-Method': 'DELETE' } }],
      ['call_function', { functionUrl: '/me/send%2fMail' }],
    ],
  });

  test('guards - read-only does not believe annotations of known writers', () => {
    const guards = [guardsOf('read-only')];
    const denied = (tool: string, isWorkIq: boolean): boolean =>
      checkCall({ tool, arguments: {}, sideEffects: 'read', isWorkIq }, guards) !== undefined;
    for (const tool of ['do_action', 'DO_ACTION', 'create_entity_work_iq', 'execute'])
      assert.ok(denied(tool, false), tool);
    assert.ok(denied('SendDraftMessage', true));
    assert.ok(!denied('createList', false));
  });
});

describe('guards - the preset no-send', () => {
  table('no-send', 'no-send', {
    passing: [
      ['fetch', { entityUrls: ['/me/events'] }],
      ['create_entity', { parentUrl: '/me/messages', jsonBody: { subject: 'x', webLink: 'https://x/y;z' } }],
      ['create_entity', { parentUrl: '/me/mailFolders/drafts/messages' }],
      ['create_entity', { parentUrl: "/me/messages('1')/attachments" }],
      ['update_entity', { entityUrl: '/v1.0/me/messages/1', jsonBody: '{"isRead":true}' }],
      ['delete_entity', { entityUrl: '/me/messages/1' }],
      ['create_entity', { parentUrl: '/me/todo/lists/1/tasks' }],
      ['create_entity', { parentUrl: '/me/drive/root/children' }],
      ['do_action', { actionUrl: '/drives/1/items/2/copy' }],
      ['do_action', { actionUrl: '/me/messages/1/microsoft.graph.move' }],
      ['do_action', { actionUrl: '/me/messages/1/createReply' }],
      ['do_action', { actionUrl: '/me/calendar/getSchedule' }],
      ['do_action', batch(request('GET', '/me/events'), request('PATCH', '/me/messages/1'))],
      ['CreateDraftMessage', { subject: 'x', to: ['a@b.example'] }],
      ['UpdateDraftAsync', {}],
      ['CreateDocument', { fileName: 'x', shareWith: '' }],
    ],
    denied: [
      ['do_action', { actionUrl: '/me/sendMail' }],
      ['create_entity', { parentUrl: '/me/sendMail' }],
      ['create_entity', { parentUrl: '/me/messages/1/send' }],
      ['create_entity', { parentUrl: '/me/messages/microsoft.graph.send' }],
      ['do_action', { actionUrl: '/me/messages/1/send' }],
      ['do_action', { actionUrl: '/me/messages/1/reply' }],
      ['do_action', { actionUrl: '/me/messages/1/forward' }],
      ['do_action', { actionUrl: '/me/messages/1/unknown' }],
      ['do_action', { actionUrl: '/me/events/1/accept' }],
      ['create_entity', { parentUrl: '/me/events' }],
      ['create_entity', { parentUrl: '/me/calendars/1/events' }],
      ['update_entity', { entityUrl: '/me/events/1' }],
      ['delete_entity', { entityUrl: '/me/events/1' }],
      ['create_entity', { parentUrl: '/chats/1/messages' }],
      ['create_entity', { parentUrl: '/teams/1/channels/2/messages' }],
      ['create_entity', { parentUrl: '/me/mailFolders/inbox/messageRules' }],
      ['update_entity', { entityUrl: '/me/mailboxSettings' }],
      ['create_entity', { parentUrl: '/subscriptions' }],
      ['do_action', { actionUrl: '/me/drive/items/1/invite' }],
      ['do_action', { actionUrl: '/drives/1/items/2/createLink' }],
      ['create_entity', { parentUrl: '/drives/1/items/2/permissions' }],
      ['create_entity', { parentUrl: '/users/boss/messages' }],
      ['do_action', {}],
      ['do_action', { actionUrl: '/me/messages/1;x/move' }],
      ['do_action', batch(request('PATCH', '/me/messages/1'), request('POST', '/me/sendMail'))],
      ['do_action', batch(request('POST', '/$batch'))],
      ['execute', {}],
      ['SendEmailWithAttachments', {}],
      ['ReplyToMessage', { sendImmediately: false }],
      ['CreateEvent', {}],
      ['PostMessage', {}],
      ['CreateDocument', { fileName: 'x', ShareWith: ['a@b.example'] }],
      ['create_record', {}],
      ['unknown', {}],
    ],
  });

  test('guards - no-send lets writers of servers that are not of Work IQ not pass, whatever they are called', () => {
    const guards = [guardsOf('no-send')];
    for (const tool of ['create_entity', 'CreateDraftMessage']) {
      const call = { tool, arguments: { parentUrl: '/me/messages' }, sideEffects: 'write', isWorkIq: false } as const;
      assert.match(checkCall(call, guards)?.reason ?? '', /use "full" with allow and deny rules/);
    }
  });
});

describe('guards - several guards and their words', () => {
  test('guards - all guards have to let a call pass; the denial says which did not', () => {
    const args = { entityUrls: ['/me/messages/1'] };
    assert.equal(check('fetch', args, 'full', 'read-only', { allow: ['fetch'] }), undefined);
    assert.equal(check('fetch', args, 'full', 'read-only', { allow: ['ask'] })?.index, 2);
    assert.equal(check('do_action', { actionUrl: '/me/sendMail' }, 'full', 'no-send', 'read-only')?.index, 1);
  });

  test('guards - full does not even look at the arguments', () => {
    const args = new Proxy({}, { ownKeys: () => assert.fail('looked at'), get: () => assert.fail('looked at') });
    assert.equal(check('do_action', args, 'full', { preset: 'full', deny: [] }), undefined);
    assert.equal(check('do_action', args), undefined);
  });

  test('guards - arguments that cannot be looked at are denied and do not throw', () => {
    const args = new Proxy({}, { ownKeys: () => assert.fail('broken') });
    for (const raw of ['no-send', { deny: ['fetch /x'] }, { allow: ['do_action /x'] }])
      assert.ok(check('do_action', args, raw) !== undefined);
  });

  const said: [call: GuardDenial | undefined, guard: string, reason: string][] = [
    [
      check('do_action', { actionUrl: '/v1.0/ME/sendMail' }, { deny: ['do_action **/sendMail'] }),
      'do_action **/sendMail',
      'the rule "do_action **/sendMail" denies /me/sendmail (actionUrl)',
    ],
    [
      check('fetch', { entityUrls: ['/me', '/me/x'] }, { allow: ['fetch /me'] }),
      'allow',
      'no rule of "allow" covers /me/x (entityUrls[1])',
    ],
    [check('ask', {}, { allow: ['fetch /me'] }), 'allow', 'no rule of "allow" names "ask"'],
    [
      check('update_entity', { entityUrl: '/me' }, 'read-only'),
      'read-only',
      'the preset "read-only" denies it: "update_entity" changes something',
    ],
  ];
  for (const [denial, guard, reason] of said) {
    test(`guards - a denial says: ${reason}`, () => {
      assert.deepEqual([denial?.guard, denial?.reason], [guard, reason]);
    });
  }

  test('guards - what a denial says is bounded and visible', () => {
    const args = { [`u\u0000\u202e${'x'.repeat(500)}Url`]: `/me/${'y'.repeat(500)}` };
    const { reason = '' } = check('do_action', args, { deny: ['do_action /me/**'] }) ?? {};
    assert.ok(reason.length > 0 && reason.length < 400);
    assert.doesNotMatch(reason, /\p{C}/u);
  });
});
