// Text of tools on its way to the reader: HTML without its tags, links that may be followed, images, pieces of long text.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileIcon } from '../../extension/results/file-icon.ts';
import { htmlToText } from '../../extension/results/html-text.ts';
import { imageDataUrl } from '../../extension/results/image-data.ts';
import { initials } from '../../extension/results/initials.ts';
import { linkParts } from '../../extension/results/link-parts.ts';
import { looksLikeMarkdown } from '../../extension/results/looks-like-markdown.ts';
import { notificationText } from '../../extension/results/notification-text.ts';
import { parseFromResultPage, parseToResultPage } from '../../extension/results/panel-messages.ts';
import { safeLink } from '../../extension/results/safe-link.ts';
import { textChunks } from '../../extension/results/text-chunks.ts';
import { pngBase64 } from '../support/result-samples.ts';

describe('text of HTML', () => {
  const cases: [string, string][] = [
    ['<p>Dear&nbsp;all,</p><ul><li>one &amp; two</li></ul>', 'Dear all,\n\n- one & two'],
    ['a<br>b<BR/>c', 'a\nb\nc'],
    ['<style>p{}</style>x<script>y</script><!-- z -->', 'x'],
    ['<style>never closed', 'never closed'],
    ['1 < 2 and <b', '1 < 2 and <b'],
    ['&#x41;&#65;&#0;&#xffffffff;&constructor;&lt;b&gt;', 'AA&#0;&#xffffffff;&constructor;<b>'],
    ['<td>a</td><td>b</td>', 'a b'],
    ['', ''],
  ];
  for (const [html, text] of cases)
    test(`text of HTML - ${html || 'nothing'}`, () => assert.equal(htmlToText(html), text));

  for (const part of ['<', '<style', '<style>', '<script>a', '<!--', '&nbsp;', '<a href="', '<a href="x">', '</style'])
    test(`text of HTML - two million characters of ${part} are read at once`, () => {
      const started = performance.now();
      htmlToText(part.repeat(Math.floor(2_000_000 / part.length)), { links: true });
      // Minutes, where the time grows with the square.
      assert.ok(performance.now() - started < 10_000);
    });

  test('text of HTML - what is longer is cut and says so', () => {
    assert.match(htmlToText('x'.repeat(3_000_000)), /x\n\n… \(cut\)$/);
  });
});

describe('links', () => {
  const addresses: [string, string | undefined][] = [
    ['https://x.example/a?b=%2F#c', 'https://x.example/a?b=%2F#c'],
    ['HTTP://X.example', 'http://x.example/'],
    ['mailto:a@b.example', 'mailto:a@b.example'],
    ['https://аpple.example/', 'https://xn--pple-43d.example/'],
    ['javascript:alert(1)', undefined],
    ['java\nscript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['file:///etc/passwd', undefined],
    ['command:workbench.action.quit', undefined],
    ['vscode://x', undefined],
    ['//x.example', undefined],
    ['https://bank.example@evil.example/', undefined],
    ['https://x.example/\u202eabc', undefined],
    [' https://x.example', undefined],
    [`https://x.example/${'a'.repeat(9_000)}`, undefined],
    ['', undefined],
  ];
  for (const [address, expected] of addresses)
    test(`links - ${JSON.stringify(address.slice(0, 60))}`, () => assert.equal(safeLink(address), expected));

  const parts = (text: string): string =>
    linkParts(text)
      .map((part) => (part.href === undefined ? part.text : `[${part.text}](${part.href})`))
      .join('');
  const texts: [string, string][] = [
    [
      'see https://x.example/a, or (https://x.example/b).',
      'see [https://x.example/a](https://x.example/a), or ([https://x.example/b](https://x.example/b)).',
    ],
    ['no javascript://x', 'no javascript://x'],
    [htmlToText('<a href="https://x.example/">words</a>!', { links: true }), '[words](https://x.example/)!'],
    [htmlToText('<a href="https://x.example/">x.example</a>', { links: true }), '[x.example](https://x.example/)'],
    [
      htmlToText('<a href="https://evil.example/">https://bank.example/login</a>', { links: true }),
      '[https://bank.example/login](https://bank.example/login) <[https://evil.example/](https://evil.example/)>',
    ],
    [htmlToText('<a href="javascript:x">words</a>', { links: true }), 'words'],
    [htmlToText('\ue000words\ue001https://evil.example/\ue002', { links: true }), 'wordshttps://evil.example/'],
  ];
  for (const [text, expected] of texts)
    test(`links - in ${JSON.stringify(text)}`, () => assert.equal(parts(text), expected));
});

describe('images', () => {
  const cases: [string, string | undefined, string | undefined, string | undefined][] = [
    ['a PNG', pngBase64, 'image/png', `data:image/png;base64,${pngBase64}`],
    ['a PNG with another label', pngBase64, 'image/jpeg', `data:image/png;base64,${pngBase64}`],
    ['a JPEG', '/9j/4AAQSkZJRg==', 'image/jpeg', 'data:image/jpeg;base64,/9j/4AAQSkZJRg=='],
    ['a GIF', 'R0lGODlhAQABAAAAACw=', 'image/gif', 'data:image/gif;base64,R0lGODlhAQABAAAAACw='],
    ['a WebP', 'UklGRnh4eHhXRUJQVlA4IA==', 'image/webp', 'data:image/webp;base64,UklGRnh4eHhXRUJQVlA4IA=='],
    ['SVG', 'PHN2Zz48L3N2Zz4=', 'image/svg+xml', undefined],
    ['a PNG that is none', 'PHN2Zz48L3N2Zz4=', 'image/png', undefined],
    ['no base64', `${pngBase64}" onerror="x`, 'image/png', undefined],
    ['no label', pngBase64, undefined, undefined],
    ['too large', `${pngBase64.slice(0, 20)}${'A'.repeat(12_000_000)}`, 'image/png', undefined],
    ['no content', undefined, 'image/png', undefined],
  ];
  for (const [name, base64, mimeType, expected] of cases)
    test(`images - ${name}`, () => assert.equal(imageDataUrl(base64, mimeType), expected));
});

describe('pieces of text', () => {
  test('[P6] pieces of text - a notification makes no link of a name from outside', () => {
    const text = notificationText('[Click](command:workbench.action.quit) and [x](https://evil.example)');
    assert.doesNotMatch(text, /\]\(/);
    assert.equal(text.replaceAll('\u200b', ''), '[Click](command:workbench.action.quit) and [x](https://evil.example)');
  });

  test('pieces of text - long text is cut between lines, or between characters where there are none', () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index} ${'x'.repeat(20)}`).join('\n');
    assert.equal(textChunks(lines).join('\n'), lines);
    const line = '😀'.repeat(100_000);
    const chunks = textChunks(line);
    assert.equal(chunks.join(''), line);
    assert.ok(chunks.every((chunk) => chunk.isWellFormed() && chunk.length <= 8_000));
    assert.deepEqual(textChunks(''), ['']);
  });

  test('pieces of text - markdown is told from other text', () => {
    assert.deepEqual(
      ['# Head', 'a **b** c', '[a](https://x.example)', '```\ncode\n```', '| a |\n| - |'].map(looksLikeMarkdown),
      [true, true, true, true, true],
    );
    assert.deepEqual(['plain', '2 * 3 * 4', '#hash', '{"a":1}', 'x'.repeat(500_000)].map(looksLikeMarkdown), [
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('pieces of text - icons and initials', () => {
    assert.deepEqual(
      ['a.PDF', 'a.xlsx', 'constructor', 'a.__proto__', 'x'].map((name) => fileIcon(name)),
      ['file-pdf', 'table', 'file', 'file', 'file'],
    );
    assert.equal(fileIcon('x', 'image/png'), 'file-media');
    assert.deepEqual(['Rob Young', 'rob@contoso.example', 'Adele', '株式会社 山田', '', '<b>'].map(initials), [
      'RY',
      'R',
      'A',
      '株山',
      '',
      '',
    ]);
  });
});

describe('messages of the result page', () => {
  test('messages of the result page - only what is known is taken', () => {
    assert.deepEqual(parseFromResultPage({ type: 'step', step: 'reconnect', more: 1 }), {
      type: 'step',
      step: 'reconnect',
    });
    for (const data of [
      undefined,
      'ready',
      {},
      { type: 'step', step: 'quit' },
      { type: 'openLink' },
      { type: 'copyText', text: 1 },
    ])
      assert.equal(parseFromResultPage(data), undefined);
    assert.equal(parseToResultPage({ type: 'show', event: {}, isKept: false }), undefined);
  });
});
