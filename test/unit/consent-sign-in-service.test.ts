// Which sign-in services of an agent's profile are taken, and which a person has to decide about.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decideSignInService, signInServiceOf } from '../../extension/consent/sign-in-service.ts';

const microsoft = 'https://login.microsoftonline.com';
const own = 'https://sign-in.example';

describe('sign-in service', () => {
  const table: [known: string | undefined, authority: string, isKnownAgent: boolean, kind: string][] = [
    [undefined, `${microsoft}/t`, false, 'expected'],
    [undefined, `${microsoft}:443/t`, true, 'expected'],
    ['https://other.example', `${microsoft}/t`, true, 'expected'],
    [undefined, 'https://login.microsoftonline.us/t', true, 'expected'],
    [own, `${own}/t`, true, 'expected'],
    [own, `${own.toUpperCase()}/other`, true, 'expected'],
    [undefined, `${own}/t`, false, 'first'],
    [undefined, `${own}/t`, true, 'changed'],
    [microsoft, `${own}/t`, true, 'changed'],
    [own, `${own}:8443/t`, true, 'changed'],
    [microsoft, `${microsoft}./t`, true, 'changed'],
    [microsoft, `${microsoft}.evil.example/t`, true, 'changed'],
    [microsoft, `${microsoft}@evil.example/t`, true, 'changed'],
    [microsoft, `${microsoft}:8443/t`, true, 'changed'],
    [microsoft, 'https://evil.example/login.microsoftonline.com', true, 'changed'],
    [microsoft, 'https://login.mіcrosoftonline.com/t', true, 'changed'],
  ];
  for (const [known, authority, isKnownAgent, kind] of table) {
    test(`sign-in service - ${authority} after ${known ?? 'none'}, of ${isKnownAgent ? 'a known' : 'a new'} agent: ${kind} [P3]`, () => {
      assert.equal(decideSignInService({ known, offered: signInServiceOf(authority), isKnownAgent }).kind, kind);
    });
  }
});
