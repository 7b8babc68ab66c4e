// What a path is to guards, however it is written, and what is not clear.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normalPath } from '../../shared/guards/normal-path.ts';
import * as fc from '../support/repeatable-fast-check.ts';

function readingsOf(text: string): string[] {
  const path = normalPath(text);
  assert.ok(path.clear, `${JSON.stringify(text)}: ${path.clear ? '' : path.why}`);
  return path.readings.map((reading) => `/${reading.join('/')}`);
}

function deniableOf(text: string): string[] {
  const path = normalPath(text);
  assert.ok(path.clear, JSON.stringify(text));
  return path.deniable.map((reading) => `/${reading.join('/')}`);
}

describe('guards - one spelling of a path', () => {
  const table: [text: string, ...readings: string[]][] = [
    ['/me/messages', '/me/messages'],
    ['me/messages', '/me/messages'],
    ['/me/messages/', '/me/messages'],
    ['/ME/Messages', '/me/messages'],
    ['/me/messages?$top=5#x', '/me/messages'],
    ['/me/messages#?x', '/me/messages'],
    ['?$top=1', '/'],
    ['', '/'],
    ['/me/%6d%65ssages', '/me/messages'],
    ['/me/%2525256dessages', '/me/messages'],
    ['/me///messages', '/me/messages'],
    ['/me/./messages/.', '/me/messages'],
    ['/me/x/../messages', '/me/messages'],
    ['/me/x/%2e%2E/messages', '/me/messages'],
    ['/me/x/.%252e/messages', '/me/messages'],
    ['\\me\\messages', '/me/messages'],
    ['/v1.0/me', '/me'],
    ['/beta/v1.0/me', '/me'],
    ['/V1%2e0/me', '/me'],
    ['https://graph.microsoft.com/v1.0/me/messages?x', '/me/messages'],
    ['HTTPS://user:pw@evil.example:8443/beta/me', '/me'],
    ['https://graph.microsoft.com', '/'],
    ['graph://host/me', '/me'],
    ['https:///me/x', '/me/x', '/x'],
    ['//me/x', '/me/x', '/x'],
    ['/\\me/x', '/me/x', '/x'],
    ["/me/messages('AAMk=')", '/me/messages/aamk='],
    ["/me/messages('AAMk=')/attachments(7)", '/me/messages/aamk=/attachments/7'],
    ['/me/messages%28%27a%27%29', '/me/messages/a'],
    ["/me/messages(id='a')", '/me/messages', '/me/messages/a'],
    ['/me/sendMail()', '/me/sendmail'],
    ['/me/microsoft.graph.sendMail', '/me/sendmail'],
    ['/me/Microsoft.Graph.sendMail()', '/me/sendmail'],
    ['/me/graph.sendMail', '/me/sendmail'],
    ['/me/microsoft.graph.user/messages', '/me/user/messages', '/me/messages'],
    ["/me/drive/root/search(q='a, (b)')", '/me/drive/root/search', '/me/drive/root/search/a, (b)'],
    ['/me/drive/root:/Reports/a (1).docx:/content', '/me/drive/root:/reports/a (1).docx:/content'],
    ['/me/drive/root:/Straße/Übersicht.xlsx', '/me/drive/root:/straße/übersicht.xlsx'],
    ['/me/ｓｅｎｄMail', '/me/sendmail'],
    ["/users/o'brien@contoso.com", "/users/o'brien@contoso.com"],
    ['/sites/contoso.sharepoint.com,1,2/lists', '/sites/contoso.sharepoint.com,1,2/lists'],
    ['/$batch', '/$batch'],
    ['/%24BATCH', '/$batch'],
    ['/me/messages/$count', '/me/messages/$count'],
    ['/me/messages?$expand=attachments', '/me/messages', '/me/messages/attachments', '/me/messages/{id}/attachments'],
    ['/me/a?%24Expand=microsoft.graph.b/c', '/me/a', '/me/a/b/c', '/me/a/{id}/b/c'],
    ['/me?x=1&expand=a($select=x)', '/me', '/me/a', '/me/{id}/a'],
    ["/me?$expand=a($filter=x eq ',)';$expand=b)", '/me', '/me/a', '/me/{id}/a', '/me/a/b', '/me/{id}/a/b'],
  ];
  for (const [text, ...readings] of table) {
    test(`guards - ${JSON.stringify(text)} reads ${readings.join(' or ')}`, () => {
      assert.deepEqual(readingsOf(text), readings);
    });
  }

  const unclear = [
    '/me/send%2fMail',
    '/me/send%5cMail',
    '/me/x%3fy',
    '/me/x%23y',
    '/me/100%',
    '/me/%zz',
    '/me/%u0073endMail',
    '/me/%c0%af',
    `/me/%${'25'.repeat(9)}73endMail`,
    '/me/sendMail;v=1',
    '/me/sendMail%3bx',
    '/me/messages(',
    "/me/messages('a",
    "/me/messages('a'))",
    "/me/messages('a')('b')",
    "/me/messages('a)b')",
    "/me/('a')",
    "/me/messages('..')",
    "/me/messages('')",
    '/../me',
    '/me/../../x',
    '/me//../x',
    '/me/\ud800',
    '/me/send\u200bMail',
    '/me/send\u00adMail',
    '/me/send\u0000Mail',
    '/me/send\nMail',
    '/me/send%0aMail',
    '/me/sendMail%ef%bb%bf',
    '/me/sendMail\ufe0f',
    '/me\u2215sendMail',
    '/me\uff0fsendMail',
    '/me/x\uff1fy',
    '/me/\u2025/x',
    '/me/sendMail.',
    '/me/sendMail ',
    '/me/%20sendMail',
    ' /me/sendMail',
    '/me/messages,/me/events',
    '/me/messages /me/events',
    '/me/$entity?$id=x',
    '/me/$/sendMail',
    '/me/$filter(@x)',
    'https:/graph.microsoft.com/me',
    'https:me',
    'https%3a%2f%2fgraph.microsoft.com/me',
    'https://a\\@b/me',
    '/me?$expand=*',
    '/me?$expand=a(b',
    '/me?$expand=a)b',
    '/me?$expand=%zz',
    `/me?$expand=${'a($expand='.repeat(6)}b${')'.repeat(6)}`,
    `/${'a/'.repeat(100)}`,
    `/${'a'.repeat(9_000)}`,
    `/${"a(b='c')/".repeat(12)}`,
  ];
  for (const text of unclear) {
    test(`guards - ${JSON.stringify(text.slice(0, 60))} is not clear`, () => {
      const path = normalPath(text);
      assert.ok(!path.clear, JSON.stringify(path));
      assert.ok(path.why.length > 10);
    });
  }

  test('guards - for denying, a path is also read in ways that are unlikely', () => {
    assert.deepEqual(deniableOf("/me/sendMail('x')"), ['/ME/SENDMAIL/X', '/ME/SENDMAIL']);
    assert.deepEqual(deniableOf('/users/me@contoso.com/sendMail'), ['/USERS/ME@CONTOSO.COM/SENDMAIL', '/ME/SENDMAIL']);
    assert.ok(deniableOf('/me/microsoft.graph.message/x').includes('/ME/X'));
    assert.ok(deniableOf('/me/Microsoft.OutlookServices.SendMail').includes('/ME/SENDMAIL'));
    assert.ok(deniableOf('/me/root:/sendMail()').includes('/ME/ROOT:/SENDMAIL'));
    for (const text of ['/me/ſendMail', '/me/SENDMAıL', '/me/SENDMAİL', '/me/séndMail', '/me/ｓｅｎｄＭａｉｌ'])
      assert.ok(deniableOf(text).includes('/ME/SENDMAIL'), text);
  });

  test('guards - any text is read without throwing, and what was read reads the same again', () => {
    const piece = fc.oneof(
      fc.constantFrom(...'/\\?#%.:;()\'=,$@*&+ _-~|"'.split('')),
      fc.constantFrom(
        '..',
        '//',
        '%2f',
        '%25',
        '%2e',
        "('a')",
        '()',
        'microsoft.graph.',
        'v1.0',
        'root:',
        '$expand=',
        '$batch',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('me', 'messages', 'K', 'ſ', 'İ', 'ß', 'ǰ', '́', 'Σ', 'ﬁ', '：'),
    );
    let clear = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = normalPath(pieces.join(''));
        if (!path.clear) return;
        clear++;
        const [reading = []] = path.readings;
        const again = normalPath(`/${reading.join('/')}`);
        assert.ok(again.clear, JSON.stringify([pieces, reading, again]));
        assert.deepEqual(again.readings[0], reading);
      }),
      { numRuns: 20_000 },
    );
    assert.ok(clear > 1_000, `${clear} of them were clear`);
  });

  test('guards - whatever characters a part is made of, its spelling is stable', () => {
    let clear = 0;
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }), (text) => {
        const path = normalPath(`/me/${encodeURIComponent(text)}`);
        if (!path.clear) return;
        clear++;
        const again = normalPath(`/${(path.readings[0] ?? []).join('/')}`);
        assert.ok(again.clear && again.readings[0]?.join('/') === path.readings[0]?.join('/'), JSON.stringify(text));
        for (const other of [text.toUpperCase(), text.normalize('NFKD')]) {
          const same = normalPath(`/me/${encodeURIComponent(other)}`);
          if (same.clear) assert.deepEqual(same.deniable[0], path.deniable[0], JSON.stringify([text, other]));
        }
      }),
      { numRuns: 20_000 },
    );
    assert.ok(clear > 5_000, `${clear} of them were clear`);
  });
});
