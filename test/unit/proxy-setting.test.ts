// Which proxy the environment names for an address, in both tiers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { proxyFor } from '../../shared/proxy-setting.ts';

describe('proxy setting', () => {
  const target = new URL('https://login.microsoftonline.com/x');
  const cases: [string, NodeJS.ProcessEnv, string | undefined][] = [
    ['nothing', {}, undefined],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128/'],
    ['a proxy without a scheme', { https_proxy: 'p:3128' }, 'http://p:3128/'],
    ['HTTP_PROXY, where it is the only one', { HTTP_PROXY: 'http://p' }, 'http://p/'],
    ['an empty HTTPS_PROXY beside ALL_PROXY', { HTTPS_PROXY: '', ALL_PROXY: 'http://p' }, 'http://p/'],
    [
      'HTTPS_PROXY before ALL_PROXY before HTTP_PROXY',
      { HTTP_PROXY: 'a:1', ALL_PROXY: 'b:1', HTTPS_PROXY: 'c:1' },
      'http://c:1/',
    ],
    ['ALL_PROXY', { ALL_PROXY: 'http://p' }, 'http://p/'],
    ['SOCKS, which is not spoken', { ALL_PROXY: 'socks5://p' }, undefined],
    ['NO_PROXY with a suffix', { HTTPS_PROXY: 'http://p', NO_PROXY: 'x,.microsoftonline.com' }, undefined],
    [
      'NO_PROXY with another port',
      { HTTPS_PROXY: 'http://p', NO_PROXY: 'login.microsoftonline.com:8443' },
      'http://p/',
    ],
    ['NO_PROXY for everything', { HTTPS_PROXY: 'http://p', no_proxy: '*' }, undefined],
  ];
  for (const [what, env, expected] of cases) {
    test(`proxy setting - ${what}`, () => {
      assert.equal(proxyFor(target, env)?.href, expected);
    });
  }

  test('proxy setting - of an http address HTTP_PROXY, then ALL_PROXY; a loopback address never has one', () => {
    const env = { HTTPS_PROXY: 'http://secure', ALL_PROXY: 'http://all' };
    assert.equal(proxyFor(new URL('http://mcp.example/'), env)?.href, 'http://all/');
    assert.equal(
      proxyFor(new URL('http://mcp.example/'), { ...env, http_proxy: 'http://plain' })?.href,
      'http://plain/',
    );
    for (const address of ['http://localhost:1/', 'https://127.0.0.1/', 'https://127.8.0.1/', 'http://[::1]:1/'])
      assert.equal(proxyFor(new URL(address), env), undefined, address);
  });
});
