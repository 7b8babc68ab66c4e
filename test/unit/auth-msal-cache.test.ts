// The checks of MSAL's serialized cache against hostile input, and the part of it that one account may keep.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  accessTokenAt,
  accountsOf,
  cacheOfAccount,
  entryKeyOf,
  parseMsalCache,
  type MsalCache,
} from '../../agent/auth/msal-cache.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const clientId = 'client-a';
const environment = 'login.example';

function account(name: string, realm = 'tenant-a'): Record<string, unknown> {
  return {
    home_account_id: `${name}.${realm}`,
    environment,
    realm,
    local_account_id: name,
    username: `${name}@contoso.example`,
    authority_type: 'MSSTS',
  };
}

function token(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    home_account_id: `${name}.tenant-a`,
    environment,
    client_id: clientId,
    realm: 'tenant-a',
    secret: `secret-of-${name}`,
    ...more,
  };
}

function cacheText(sections: Record<string, unknown> = {}): string {
  return JSON.stringify({
    Account: { a: account('adele') },
    IdToken: { i: token('adele') },
    AccessToken: { t: token('adele', { target: 'scope', cached_at: '1000', expires_on: '4600' }) },
    RefreshToken: { r: token('adele') },
    AppMetadata: { m: { client_id: clientId, environment } },
    ...sections,
  });
}

function names(sections: Record<string, unknown>): string[] {
  return accountsOf(parseMsalCache(cacheText(sections)), clientId).map(({ id }) => id);
}

function times(cached_at: string, expires_on: string): MsalCache {
  return parseMsalCache(cacheText({ AccessToken: { t: token('adele', { target: 's', cached_at, expires_on }) } }));
}

const adele = accountsOf(parseMsalCache(cacheText()), clientId)[0];

describe('msal cache - what is no cache', () => {
  const refused: Record<string, string> = {
    nothing: '',
    null: 'null',
    'an array': '[]',
    'a number': '42',
    'a text': '"cache"',
    'a boolean': 'true',
    'half a cache': cacheText().slice(0, -20),
    'two documents': `${cacheText()}${cacheText()}`,
    'a section that is null': cacheText({ Account: null }),
    'a section that is an array': cacheText({ RefreshToken: [token('adele')] }),
    'a section that is a text': cacheText({ AccessToken: 'none' }),
    'an entry that is null': cacheText({ RefreshToken: { r: null } }),
    'an entry that is a number': cacheText({ Account: { a: 1 } }),
    'an account without an id': cacheText({ Account: { a: { ...account('adele'), home_account_id: '' } } }),
    'an account with a number as username': cacheText({ Account: { a: { ...account('adele'), username: 7 } } }),
    'a refresh token without a secret': cacheText({ RefreshToken: { r: token('adele', { secret: undefined }) } }),
    'an empty refresh token': cacheText({ RefreshToken: { r: token('adele', { secret: '' }) } }),
    'a refresh token that is an object': cacheText({ RefreshToken: { r: token('adele', { secret: { a: 1 } }) } }),
    'an access token with times as numbers': cacheText({
      AccessToken: { t: token('adele', { target: 's', cached_at: 1, expires_on: 2 }) },
    }),
    'nesting without end': '{"Account":'.repeat(50_000),
  };
  for (const [name, text] of Object.entries(refused)) {
    test(`msal cache - ${name} is refused`, () => {
      assert.throws(() => parseMsalCache(text));
    });
  }

  test('msal cache - an empty object is a cache without accounts', () => {
    assert.deepEqual(accountsOf(parseMsalCache('{}'), clientId), []);
  });

  test('msal cache - any JSON is refused or read, and never changes what all objects have', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'Account'));
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie('object'),
      ),
      object: fc.dictionary(name, tie('value'), { noNullPrototype: true }),
    })).object;
    const properties = Object.getOwnPropertyNames(Object.prototype).length;
    fc.assert(
      fc.property(json, (value) => {
        try {
          accountsOf(parseMsalCache(JSON.stringify(value)), clientId);
        } catch {
          // Refused.
        }
        assert.equal(Object.getOwnPropertyNames(Object.prototype).length, properties);
      }),
    );
  });
});

describe('msal cache - names that belong to objects', () => {
  for (const name of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty']) {
    test(`msal cache - an entry called ${name} reaches no prototype`, () => {
      const hostile = cacheText().replace('{"a":', `{"${name}":{"polluted":"yes"},"a":`);
      try {
        const cache = parseMsalCache(hostile);
        const [found] = accountsOf(cache, clientId);
        if (found !== undefined) cacheOfAccount(cache, found, clientId);
      } catch {
        // Refused is fine as well.
      }
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
      assert.equal(Object.prototype.hasOwnProperty.call({ a: 1 }, 'a'), true);
    });

    test(`msal cache - the token key ${name} finds no token`, () => {
      assert.equal(accessTokenAt(parseMsalCache(cacheText()), name), undefined);
    });
  }

  test('msal cache - a whole section called __proto__ does not stand in for the section', () => {
    const hostile = `{"__proto__":{"Account":{"a":${JSON.stringify(account('mallory'))}},"RefreshToken":{"r":${JSON.stringify(token('mallory'))}}}}`;
    assert.deepEqual(accountsOf(parseMsalCache(hostile), clientId), []);
  });
});

describe('msal cache - accounts', () => {
  test('msal cache - an account counts only with a refresh token of its own, for this app and cloud', () => {
    assert.deepEqual(names({}), ['adele']);
    assert.deepEqual(names({ RefreshToken: {} }), []);
    assert.deepEqual(names({ RefreshToken: { r: token('megan') } }), []);
    assert.deepEqual(names({ RefreshToken: { r: token('adele', { client_id: 'client-b' }) } }), []);
    assert.deepEqual(names({ RefreshToken: { r: token('adele', { environment: 'login.other' }) } }), []);
    assert.deepEqual(names({ Account: {} }), []);
  });

  test('msal cache - two thousand accounts are read in one go', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `user${index}`);
    const text = cacheText({
      Account: Object.fromEntries(many.map((name) => [name, account(name)])),
      RefreshToken: Object.fromEntries(many.map((name) => [name, token(name)])),
    });
    assert.equal(accountsOf(parseMsalCache(text), clientId).length, 2_000);
  });

  test('msal cache - what is kept is one refresh token of the account and nothing of anybody else', () => {
    const people = fc.constantFrom('adele', 'megan', 'rob');
    const entries = (more: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> =>
      fc.dictionary(
        fc.string(),
        fc
          .record({ who: people, app: fc.constantFrom(clientId, 'client-b') })
          .map(({ who, app }) => token(who, { ...more, client_id: app })),
      );
    const sections = fc.record({
      IdToken: entries({}),
      AccessToken: entries({ target: 's', cached_at: '1', expires_on: '2' }),
      RefreshToken: entries({}),
    });
    fc.assert(
      fc.property(sections, (generated) => {
        assert.ok(adele !== undefined);
        const cache = parseMsalCache(
          cacheText({
            ...generated,
            Account: { a: account('adele'), b: account('megan'), c: account('adele', 'tenant-b') },
            RefreshToken: { ...generated['RefreshToken'], own: token('adele') },
          }),
        );
        const kept = parseMsalCache(cacheOfAccount(cache, adele, clientId));
        assert.deepEqual(Object.keys(kept.Account), ['a']);
        assert.deepEqual(Object.keys(kept.AccessToken), []);
        assert.equal(Object.keys(kept.RefreshToken).length, 1);
        for (const section of [kept.IdToken, kept.RefreshToken]) {
          for (const entry of Object.values(section))
            assert.deepEqual([entry.home_account_id, entry.client_id], ['adele.tenant-a', clientId]);
        }
      }),
    );
  });

  test('msal cache - what is kept is a cache again, with the same account', () => {
    assert.ok(adele !== undefined);
    const kept = cacheOfAccount(parseMsalCache(cacheText()), adele, clientId);
    assert.deepEqual(accountsOf(parseMsalCache(kept), clientId), [adele]);
  });
});

describe('msal cache - access tokens', () => {
  const cache: MsalCache = parseMsalCache(cacheText());

  test('msal cache - an access token is found by its secret and read by its key', () => {
    assert.equal(entryKeyOf(cache, 'secret-of-adele'), 't');
    assert.equal(entryKeyOf(cache, 'another'), undefined);
    assert.deepEqual(accessTokenAt(cache, 't'), {
      secret: 'secret-of-adele',
      obtainedAt: 1_000_000,
      expiresAt: 4_600_000,
    });
  });

  test('msal cache - times that are no numbers make no token', () => {
    assert.equal(accessTokenAt(times('soon', '4600'), 't'), undefined);
    assert.equal(accessTokenAt(times('1000', 'Infinity'), 't'), undefined);
    assert.equal(accessTokenAt(times('1000', '1e999'), 't'), undefined);
  });
});
