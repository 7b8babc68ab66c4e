// Thousands of disguised paths and arguments try to get round guards: what is denied stays denied, what is foreign stays out.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkCall } from '../../shared/guards/check-call.ts';
import { normalPath } from '../../shared/guards/normal-path.ts';
import { parseGuards, type Guards } from '../../shared/guards/parse-guards.ts';
import { deniesWholeTool } from '../../shared/guards/whole-tool.ts';
import * as fc from '../support/repeatable-fast-check.ts';

function guardsOf(raw: unknown): Guards {
  const parsed = parseGuards(raw);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.guards;
}

const numRuns = 4_000;
const flags = fc.infiniteStream(fc.nat({ max: 11 }));

/** Draws small numbers one after another. */
type Dice = () => number;

function diceFrom(stream: Iterable<number>): Dice {
  const numbers = stream[Symbol.iterator]();
  return () => numbers.next().value as number;
}

function pick<Value>(roll: Dice, values: readonly Value[]): Value {
  return values[roll() % values.length] as Value;
}

const encoded = (character: string): string =>
  [...new TextEncoder().encode(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Letters that compatibility forms and upper case make equal to the plain ones. */
const lookAlikes: Readonly<Record<string, string>> = { s: 'ſ', k: '\u212a', m: 'ｍ', a: 'ａ', i: 'ı', l: 'ˡ' };

/** `isExact` keeps what names another mailbox, message or file for a server that tells such letters apart. */
function disguisedPart(part: string, roll: Dice, { isExact }: { isExact: boolean }): string {
  const letters = Array.from(part, (letter) => {
    const kind = roll();
    if (kind === 0) return letter.toUpperCase();
    if (kind === 1 && !isExact) return lookAlikes[letter.toLowerCase()] ?? letter;
    if (kind === 2) return encoded(letter);
    if (kind === 3) return encoded(encoded(letter));
    return kind === 4 ? encoded(encoded(encoded(letter))).toUpperCase() : letter;
  });
  return letters.join('');
}

const origins = [
  '',
  '',
  '',
  '',
  'https://graph.microsoft.com',
  'HTTP://a:b@evil.example:81',
  '//graph.microsoft.com',
  'graph://x',
  'https://workiq.svc.cloud.microsoft',
];

/** A path that means the same to some server, in some spelling of it. */
function disguise(segments: readonly string[], roll: Dice, options: { isExact: boolean }): string {
  const parts: string[] = [];
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] ?? '';
    const isLast = index === segments.length - 1;
    let part = disguisedPart(segment, roll, options);
    const next = segments[index + 1];
    const isName = /^[a-z]+$/i.test(segment);
    const kind = roll();
    if (kind === 0 && isName && next !== undefined && !isLast && /^[\w@.-]+$/.test(next)) {
      const key = disguisedPart(next, roll, options);
      part += pick(roll, [`('${key}')`, `(${key})`, `%28%27${key}%27%29`, `(id='${key}')`]);
      index++;
    } else if (kind === 1 && isLast && isName && index > 0) part += '()';
    else if (kind === 2 && isLast && isName && index > 0)
      part = `${disguisedPart(pick(roll, ['microsoft.graph.', 'graph.', 'Microsoft.Graph.sub.']), roll, { isExact: true })}${part}`;
    if (roll() === 0) parts.push(pick(roll, ['.', '%2e', '%252E']));
    if (roll() === 1) parts.push('');
    if (roll() === 2)
      parts.push(pick(roll, ['x', 'users', 'messages']), pick(roll, ['..', '.%2e', '%2E%2e', '%252e.']));
    parts.push(part);
  }
  const slash = roll() === 0 ? '\\' : '/';
  const version = pick(roll, ['', '', '', '/v1.0', '/beta', '/V1%2e0', '//beta']);
  const origin = pick(roll, origins);
  const end = pick(roll, ['', '', '/', '//', '/.', '?$top=5', '#x', '?a=/b/../c', '/?x#y', '?$expand=x']);
  const lead = origin === '' && version === '' ? pick(roll, ['/', '/', '', '\\', '//', './']) : '/';
  return `${origin}${version}${lead}${parts.join(slash)}${end}`;
}

/** The path among arguments as a caller may hide it. */
function hide(path: string, roll: Dice): Record<string, unknown> {
  const name = pick(roll, [
    'actionUrl',
    'parentUrl',
    'entityUrls',
    'ActionURL',
    'action_url',
    'path',
    'url',
    'targetUrl',
  ]);
  const harmless = '/me/messages/1/move';
  const value = pick<unknown>(roll, [
    path,
    path,
    [path],
    [harmless, path, harmless],
    [[harmless], [path]],
    JSON.stringify([harmless, path]),
    JSON.stringify(path),
    { value: path },
    [{ href: path }],
  ]);
  const decoy = pick<Record<string, unknown>>(roll, [
    {},
    {},
    { agentId: 'x' },
    { jsonBody: '{"a":1}' },
    { entityUrl: harmless },
  ]);
  return roll() % 2 === 0 ? { ...decoy, [name]: value } : { [name]: value, ...decoy };
}

function hideInBatch(path: string, method: string, roll: Dice): Record<string, unknown> {
  const request = { id: '1', [pick(roll, ['method', 'Method'])]: method, [pick(roll, ['url', 'URL', 'Url'])]: path };
  const harmless = { id: '2', method: 'GET', url: '/me/messages' };
  const body = {
    [pick(roll, ['requests', 'Requests'])]: pick(roll, [[request], [harmless, request], [request, harmless]]),
  };
  const jsonBody = pick<unknown>(roll, [body, JSON.stringify(body), JSON.stringify(JSON.stringify(body)), [body]]);
  const batch = disguise(['$batch'], roll, { isExact: true });
  return { [pick(roll, ['actionUrl', 'parentUrl'])]: batch, jsonBody };
}

const writes = { sideEffects: 'write', isWorkIq: true } as const;

describe('guards - denied paths in disguise stay denied', () => {
  const sending: readonly string[][] = [
    ['me', 'sendMail'],
    ['users', 'me@contoso.com', 'sendMail'],
    ['me', 'messages', 'AAMkAG', 'send'],
    ['me', 'messages', 'AAMkAG', 'replyAll'],
    ['me', 'mailFolders', 'inbox', 'messages', 'AAMkAG', 'forward'],
    ['me', 'events', 'AAMkAG', 'accept'],
    ['chats', '19abc', 'messages'],
    ['me', 'drive', 'items', '01ABC', 'invite'],
  ];
  const rules = [
    ...['sendMail', 'send', 'replyAll', 'forward', 'accept', 'invite'].map((name) => `do_action **/${name}`),
    'do_action /chats/*/messages/**',
  ];
  const anchored = [
    'do_action /me/sendMail',
    'do_action /me/messages/*/send',
    'do_action /me/messages/*/reply*',
    'do_action /me/mailFolders/*/messages/*/forward',
    'do_action /me/events/*/accept',
    'do_action /chats/**',
    'do_action /me/drive/items/*/invite',
  ];
  const guards: [what: string, raw: unknown][] = [
    ['rules on the end of paths', { deny: rules }],
    ['rules on whole paths', { deny: anchored }],
    ['rules for every tool', { deny: anchored.map((rule) => rule.replace('do_action', '*')) }],
    [
      'an allow list',
      { allow: ['fetch', 'do_action /me/messages/*/move', 'do_action /$batch', 'create_entity /me/messages'] },
    ],
    ['no-send', 'no-send'],
    ['read-only', 'read-only'],
  ];
  for (const [what, raw] of guards) {
    const one = guardsOf(raw);
    test(`guards - ${what}: a sending path is denied in any spelling`, () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...sending),
          fc.constantFrom('do_action', 'create_entity'),
          flags,
          (segments, tool, stream) => {
            const roll = diceFrom(stream);
            const args = hide(disguise(segments, roll, { isExact: false }), roll);
            assert.ok(checkCall({ tool, arguments: args, ...writes }, [one]) !== undefined, JSON.stringify(args));
          },
        ),
        { numRuns },
      );
    });

    test(`guards - ${what}: a sending path is denied in a batch`, () => {
      const method = fc.constantFrom('POST', 'post', ' Post', 'PURGE');
      fc.assert(
        fc.property(fc.constantFrom(...sending), method, flags, (segments, verb, stream) => {
          const roll = diceFrom(stream);
          const args = hideInBatch(disguise(segments, roll, { isExact: false }), verb, roll);
          for (const tool of ['do_action', 'create_entity'])
            assert.ok(checkCall({ tool, arguments: args, ...writes }, [one]) !== undefined, JSON.stringify(args));
        }),
        { numRuns },
      );
    });
  }

  test('guards - most disguises are seen through, rather than only not understood', () => {
    let clear = 0;
    let all = 0;
    fc.assert(
      fc.property(fc.constantFrom(...sending), flags, (segments, stream) => {
        const path = normalPath(disguise(segments, diceFrom(stream), { isExact: false }));
        all++;
        if (path.clear) clear++;
      }),
      { numRuns },
    );
    assert.ok(clear > all / 2, `${clear} of ${all}`);
  });

  test('guards - a denied read stays denied for each tool that reads, alone and in a batch', () => {
    const one = guardsOf({ deny: ['fetch /me/messages/**', 'fetch /sites/*/lists/**'] });
    const private_ = fc.constantFrom(
      ['me', 'messages', 'AAMkAG'],
      ['users', 'me@contoso.com', 'messages'],
      ['sites', '1', 'lists', '2', 'items'],
    );
    const tools = fc.constantFrom('fetch', 'call_function', 'fetch_blob');
    fc.assert(
      fc.property(private_, tools, flags, (segments, tool, stream) => {
        const roll = diceFrom(stream);
        const path = disguise(segments, roll, { isExact: false });
        const args = hide(path, roll);
        assert.ok(checkCall({ tool, arguments: args, ...writes, sideEffects: 'read' }, [one]), JSON.stringify(args));
        const batch = hideInBatch(path, 'GET', roll);
        assert.ok(checkCall({ tool: 'do_action', arguments: batch, ...writes }, [one]), JSON.stringify(batch));
      }),
      { numRuns },
    );
  });
});

describe('guards - what is not allowed does not get in', () => {
  const one = guardsOf({
    allow: ['fetch /me/messages/**', 'fetch /users/anna@contoso.com/events', 'do_action /me/messages/*/move'],
  });
  const foreign = fc.constantFrom(
    ['me'],
    ['me', 'events', '1'],
    ['me', 'mailFolders', 'inbox'],
    ['users', 'boss@contoso.com', 'messages'],
    ['users', 'boss@contoso.com', 'events'],
    ['users', 'anna@contoso.com', 'events', '1'],
    ['sites', 'root', 'lists'],
    ['me', 'drive', 'root', 'children'],
    ['messages'],
    ['me', 'messagesx'],
  );
  test('guards - no disguise of a foreign path is let through', () => {
    fc.assert(
      fc.property(foreign, flags, (segments, stream) => {
        const roll = diceFrom(stream);
        const args = hide(disguise(segments, roll, { isExact: false }), roll);
        const call = { tool: 'fetch', arguments: args, sideEffects: 'read', isWorkIq: true } as const;
        assert.ok(checkCall(call, [one]) !== undefined, JSON.stringify(args));
      }),
      { numRuns: 2 * numRuns },
    );
  });

  test('guards - a foreign path beside allowed ones is not let through', () => {
    const allowed = fc.array(fc.constantFrom<string>('/me/messages', '/me/messages/1?$top=1', '/v1.0/me/messages/2'), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(foreign, allowed, fc.nat(5), flags, (segments, before, at, stream) => {
        const paths = before.toSpliced(at, 0, disguise(segments, diceFrom(stream), { isExact: true }));
        const call = { tool: 'fetch', arguments: { entityUrls: paths }, sideEffects: 'read', isWorkIq: true } as const;
        assert.ok(checkCall(call, [one]) !== undefined, JSON.stringify(paths));
      }),
      { numRuns },
    );
  });

  test('guards - plain spellings of allowed paths are let through', () => {
    const spelling = fc.constantFrom(
      '/me/messages',
      'me/Messages/',
      '/v1.0/me/messages',
      '/me//messages',
      '/me/./messages',
    );
    const below = fc.constantFrom('', '/AAMk=', "('AAMk=')", '/1/attachments/2', '/1/$value', '/delta()');
    const query = fc.constantFrom('', '?$top=5', '?$select=id,subject&$filter=a eq %27b%27', '?$search="x\'s (y)"');
    fc.assert(
      fc.property(spelling, below, query, (path, more, rest) => {
        const text = `${path.replace(/\/$/, '')}${more}${rest}`;
        const call = { tool: 'fetch', arguments: { entityUrls: [text] }, sideEffects: 'read', isWorkIq: true } as const;
        assert.equal(checkCall(call, [one]), undefined, text);
      }),
    );
  });
});

describe('guards - whatever the arguments are', () => {
  const names = fc.constantFrom(
    'actionUrl',
    'entityUrls',
    'jsonBody',
    'requests',
    'url',
    'method',
    'path',
    'x',
    'headers',
    '__proto__',
  );
  const leaf = fc.oneof(
    fc.constantFrom(
      '/me/sendMail',
      '/$batch',
      '/me/messages',
      'POST',
      '{"requests":[{"method":"GET","url":"/me"}]}',
      '[',
      '"',
      null,
      1,
    ),
    fc.string(),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(names, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  const args = fc.dictionary(names, tree, { maxKeys: 5 });
  const raw = fc.constantFrom<unknown>(
    'read-only',
    'no-send',
    { deny: ['do_action **/sendMail'] },
    { deny: ['delete_*'] },
    { allow: ['fetch /me/**', 'ask'] },
  );
  const tools = fc.constantFrom(
    'do_action',
    'fetch',
    'create_entity',
    'execute',
    'ask',
    'CreateDocument',
    'delete_entity',
    'other',
  );

  test('guards - judging them never throws, and a tool that is hidden is never let through', () => {
    fc.assert(
      fc.property(args, raw, tools, fc.boolean(), fc.boolean(), (value, guards, tool, isRead, isWorkIq) => {
        const facts = { tool, sideEffects: isRead ? 'read' : 'write', isWorkIq } as const;
        const denial = checkCall({ ...facts, arguments: value }, [guardsOf(guards)]);
        if (deniesWholeTool(facts, [guardsOf(guards)]) !== undefined) assert.ok(denial !== undefined);
        assert.ok(denial === undefined || denial.reason.length > 10);
      }),
      { numRuns: 2 * numRuns },
    );
  });

  test('guards - a text that stands for the same arguments is judged the same', () => {
    const guards = [guardsOf({ deny: ['do_action **/sendMail'] })];
    fc.assert(
      fc.property(tree, (jsonBody) => {
        if (jsonBody === null || typeof jsonBody !== 'object' || JSON.stringify(jsonBody).includes('__proto__')) return;
        const judge = (body: unknown): boolean =>
          checkCall({ tool: 'do_action', arguments: { actionUrl: '/$batch', jsonBody: body }, ...writes }, guards) !==
          undefined;
        assert.equal(judge(JSON.stringify(jsonBody)), judge(jsonBody), JSON.stringify(jsonBody));
      }),
      { numRuns },
    );
  });
});
