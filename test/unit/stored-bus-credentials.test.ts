// Bus credentials as text in a secret store, and as a person types them.
import assert from 'node:assert/strict';
import { createAccount, createUser } from '@nats-io/nkeys';
import { inspect } from 'node:util';
import { describe, test } from 'node:test';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { fileCredentials, nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { parseStoredCredentials, seedProblem, storedCredentials } from '../../extension/bus/stored-credentials.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';

const seed = createSeed();
const file = `-----BEGIN NATS USER JWT-----\neyJ0eXAi.eyJqdGki.c2ln\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;

describe('stored bus credentials', () => {
  test('stored bus credentials - both kinds come back as they were', () => {
    for (const credentials of [nkeyCredentials(seed), fileCredentials(file)]) {
      const back = parseStoredCredentials(storedCredentials(credentials));
      assert.equal(back.kind, credentials.kind);
      assert.equal(back.publicKey, credentials.publicKey);
      assert.equal(back.seed.reveal(), seed);
      if (back.kind === 'creds') assert.equal(back.text.reveal(), file);
    }
  });

  test('stored bus credentials - what is broken is refused with the step that mends it, and not quoted [P6]', () => {
    const broken = [
      '',
      'null',
      '[]',
      seed,
      JSON.stringify({ version: 2, kind: 'nkey', text: seed }),
      JSON.stringify({ version: 1, kind: 'other', text: seed }),
      JSON.stringify({ version: 1, kind: 'nkey', text: `${seed.slice(0, -1)}!` }),
      JSON.stringify({ version: 1, kind: 'creds', text: seed }),
      `{"version":1,"kind":"nkey","text":"${seed}`,
    ];
    for (const stored of broken) {
      assert.throws(
        () => parseStoredCredentials(stored),
        (error: RockBotError) => {
          assert.equal(error.code, 'invalid_request');
          assert.match(error.action ?? '', /Set Bus Credentials/);
          assert.ok(!inspect(error, { depth: 9 }).includes(seed.slice(2, 20)));
          return true;
        },
      );
    }
  });

  test('stored bus credentials - a seed is judged while it is typed, and never echoed', () => {
    const account = new TextDecoder().decode(createAccount().getSeed());
    const table: [string, RegExp | undefined][] = [
      [seed, undefined],
      [` ${seed}\n`, undefined],
      ['', /Paste the seed/],
      [createUser().getPublicKey(), /public key/],
      [account, /not a user's/],
      ['hello', /begins with "SU"/],
      [seed.slice(0, 20), /58 characters; these are 20/],
      [seed.toLowerCase(), /begins with "SU"/],
      [`${seed.slice(0, -1)}1`, /letters A to Z and the digits 2 to 7/],
      [`${seed.slice(0, -1)}${seed.endsWith('A') ? 'B' : 'A'}`, /checksum/],
    ];
    for (const [typed, expected] of table) {
      const problem = seedProblem(typed);
      if (expected === undefined) assert.equal(problem, undefined);
      else assert.match(problem ?? '', expected);
      if (typed.trim().length > 8) assert.ok(!(problem ?? '').includes(typed.trim().slice(4)));
    }
  });
});
