// The HTML of a page in a webview: what it may load and run, and that names from outside stay text in it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pageHtml, type PageHtmlOptions } from '../../extension/ui/page-html.ts';

const source = 'https://webview.example';
const options: PageHtmlOptions = {
  page: 'result',
  title: 'Result',
  language: 'en',
  source,
  address: (...path) => [source, ...path].join('/'),
  images: false,
};

function policyOf(html: string): string[] {
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
  return policy.replaceAll('&#39;', "'").split('; ');
}

describe('page of a webview', () => {
  test('[P6] page - it loads its own script, styles and fonts, and nothing from elsewhere or inline', () => {
    const own = [
      `default-src 'none'`,
      `script-src ${source}`,
      `style-src ${source}`,
      `font-src ${source}`,
      `base-uri 'none'`,
      `form-action 'none'`,
    ];
    assert.deepEqual(policyOf(pageHtml(options)), own);
    const withImages = policyOf(pageHtml({ ...options, images: true }));
    assert.deepEqual(withImages.toSorted(), [...own, 'img-src data:'].toSorted(), 'images as data alone');
  });

  test('[P6] page - a title from outside stays text', () => {
    const html = pageHtml({ ...options, title: '</title><script src="x">&', language: '"><i>' });
    assert.doesNotMatch(html, /<script src="x"|<i>/);
    assert.match(html, /<title>&#60;\/title&#62;&#60;script src=&#34;x&#34;&#62;&#38;<\/title>/);
  });
});
