// The two scripts that register the app, by their text: that they are the same script twice, and that they agree with the product.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PublicClientApplication } from '@azure/msal-node';
import { workIqCatalogue } from '../../shared/work-iq-catalogue.ts';
import { registrationCalls, withoutValues } from '../support/graph/registration-calls.ts';
import { resources } from '../support/graph/tenant.ts';

const shellScript = new URL('../../deploy/entra/register.sh', import.meta.url).pathname;
const powerShellScript = new URL('../../deploy/entra/Register-RockBot.ps1', import.meta.url).pathname;

test('entra scripts - both scripts make the calls of one table, and tell the same deviations', () => {
  const shell = readFileSync(shellScript, 'utf8');
  const other = readFileSync(powerShellScript, 'utf8').replaceAll('`$', '$');
  const paths = /["'\s](\/(?:applications|oauth2PermissionGrants|organization|servicePrincipals|users)\b[^"' ]*)/g;
  const calls = (line: string): string[] =>
    [...line.replaceAll('\\$', '$').matchAll(paths)].map(([, path = '']) => {
      const method = /\b(GET|POST|PATCH)\b/.exec(line)?.[1] ?? 'GET';
      return `${method} ${withoutValues(path)}`;
    });
  for (const [name, text] of Object.entries({ shell, other }))
    assert.deepEqual([...new Set(text.split('\n').flatMap(calls))].sort(), registrationCalls, name);
  // Their texts, with a sign in place of what is filled in.
  const skeletons = (text: string, verb: string): string[] =>
    [...text.matchAll(new RegExp(`${verb} (?:"([^"]*(?:\\\\"[^"]*)*)"|'([^']*)') ["$]`, 'g'))]
      .map(([, quoted, plain]) =>
        (quoted ?? plain ?? '').replaceAll(/\$\([^()]*\)|\$\{?\w+\}?/g, '*').replaceAll(/\s*\*/g, '*'),
      )
      .sort();
  const told = skeletons(shell, 'deviation');
  assert.ok(told.length === shell.match(/\bdeviation ["']/g)?.length, String(told.length));
  assert.deepEqual(skeletons(other, 'Add-Deviation'), told);
  const namesIn = (text: string, pattern: RegExp): string[] =>
    [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();
  const members = namesIn(shell, /\\"(\w+)\\":/g);
  assert.equal(members.length, 17, members.join(' '));
  for (const member of members) assert.match(other, new RegExp(`\\b${member}\\s*=`), `${member} of what is sent`);
  const settings = /\b((?:WorkIQ|Auth)__\w+)/g;
  assert.deepEqual(namesIn(other, settings), namesIn(shell, settings));
});

test('entra scripts - both scripts know the servers and permissions that the catalogue has', () => {
  const expected = workIqCatalogue
    .filter(({ legacy }) => legacy)
    .map(({ name, scopes }) => [name, /McpServers\.(\w+)\.All/.exec(scopes[0] ?? '')?.[1]]);
  const shell = readFileSync(shellScript, 'utf8');
  const other = readFileSync(powerShellScript, 'utf8');
  assert.deepEqual(
    [...shell.matchAll(/^(?:catalogue=')?(mcp_\w+) (\w+)'?$/gm)].map(([, name, scope]) => [name, scope]),
    expected,
  );
  assert.deepEqual(
    [...other.matchAll(/^ +(mcp_\w+) = '(\w+)'$/gm)].map(([, name, scope]) => [name, scope]),
    expected,
  );
  for (const text of [shell, other]) for (const id of Object.values(resources)) assert.ok(text.includes(id), id);
  assert.ok(workIqCatalogue.some(({ audience }) => audience === resources.agent365));
});

test('entra scripts - the redirect address is the one that MSAL signs in with', async () => {
  const authority = 'https://login.example/cccccccc-0000-4000-8000-000000000000';
  const client = new PublicClientApplication({
    auth: {
      clientId: '22222222-2222-4222-8222-222222222222',
      authority,
      knownAuthorities: ['login.example'],
      authorityMetadata: JSON.stringify({
        issuer: `${authority}/v2.0`,
        authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
        token_endpoint: `${authority}/oauth2/v2.0/token`,
        jwks_uri: `${authority}/discovery/v2.0/keys`,
      }),
    },
  });
  let url = '';
  await assert.rejects(
    client.acquireTokenInteractive({
      scopes: ['openid'],
      openBrowser: (address) => {
        url = address;
        return Promise.reject(new Error('enough'));
      },
    }),
  );
  const redirect = new URL(new URL(url).searchParams.get('redirect_uri') ?? '');
  redirect.port = '';
  for (const [script, setting] of [
    [shellScript, /^redirect=(.*)$/m],
    [powerShellScript, /^\$redirect = '(.*)'$/m],
  ] as const)
    assert.equal(setting.exec(readFileSync(script, 'utf8'))?.[1], redirect.href.replace(/\/$/, ''), script);
});
