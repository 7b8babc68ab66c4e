// Each error code and each reason of a refusal, as a real agent answers it, held against literals.
import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { HandOffClaims } from '../../shared/hand-off/hand-off-claims.ts';
import { errorCodes, refusalReasons } from '../../shared/errors/error-code.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { handOffClaims, newSigner, sealAnyhow, signerOf, signInFor } from '../support/hand-offs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import type { FaultInput } from '../support/workiq/faults.ts';
import { assertGolden } from './golden.ts';

interface ErrorReply {
  ok: boolean;
  error: { code: string; reason?: string };
}

let stack: Stack;
let tap: BusTap;
const recorded = { codes: new Set<string>(), reasons: new Set<string>() };

before(async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as AddressInfo;
  closed.close();
  stack = await startStack({
    workiq: { mutations: 'allowed', askLatencyMs: 20_000 },
    servers: (workiq) => ({
      workiq: { type: 'http', url: workiq.mcpUrl, auth: { profile: 'workiq' }, deniedTools: ['delete_*'] },
      down: { type: 'http', url: `http://127.0.0.1:${port}/mcp` },
    }),
  });
  tap = await tapBus(stack.nats.url);
});

after(async () => {
  await tap[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** Sends the request and pins its answer, which has to be an error, under the code (and reason) it has. */
async function pin(subject: string, payload: object | string, headers: Record<string, string> = {}): Promise<void> {
  const { json } = await tap.request(subject, payload, { headers });
  const { ok, error } = json as unknown as ErrorReply;
  assert.equal(ok, false, JSON.stringify(json));
  recorded.codes.add(error.code);
  if (error.reason !== undefined) recorded.reasons.add(error.reason);
  const name = [error.code, error.reason].filter(Boolean).join('-').replaceAll('_', '-');
  await assertGolden(`code.${name}`, json);
}

const read = { tool: 'fetch', arguments: { entityUrls: ['/me'] } };
const write = { tool: 'create_entity', arguments: { parentUrl: '/me/messages', jsonBody: '{"subject":"x"}' } };

async function pinCall(call: object, fault?: FaultInput): Promise<void> {
  if (fault !== undefined) await stack.workiq.control.inject(fault);
  await pin('tool.invoke.mcp.rockbot', { callId: 'pinned', server: 'workiq', ...call });
}

describe('wire errors', () => {
  test('wire errors - before anybody has signed in', async () => {
    await until('the state of the servers is known', async () =>
      /"auth_required".*"unavailable"|"unavailable".*"auth_required"/.test(
        (await tap.request('tool.list.rockbot', {})).text,
      ),
    );
    await pinCall(read);
    await pinCall({ ...read, server: 'down' });
    await pinCall({ tool: 'delete_entity' });
    await pin('tool.list.rockbot', {}, { 'rb-v': '2' });
    await pin('mcp.manage.rockbot', { action: 'explode' });
  });

  test('wire errors - calls', async () => {
    await stack.connect();
    await stack.call('fetch', { entityUrls: ['/me'] });
    await pinCall(read, { kind: 'forbidden', form: 'required-scopes' });
    await pinCall(read, { kind: 'forbidden', form: 'no-policy' });
    await pinCall(read, { kind: 'policy-path' });
    await pinCall(read, { kind: 'forbidden' });
    await pinCall(read, { kind: 'throttled', seconds: 90 });
    await pinCall({ ...read, timeoutMs: 100 }, { kind: 'hang' });
    await pinCall({ tool: 'fetch_mail' });
    await pinCall({ tool: 'fetch', arguments: { entityUrls: 5 } });
    await pinCall(read, { kind: 'rpc-error' });
    await pinCall({ ...write, timeoutMs: 100 }, { kind: 'hang' });
    await pinCall(read, { kind: 'huge-result', bytes: 2_000_000 });
    const cancelled = pinCall({ tool: 'ask', arguments: { question: 'Slow?' } });
    await until('it runs', async () => (await stack.workiq.control.snapshot()).concurrentCalls.current === 1);
    await tap.request('tool.cancel.rockbot', { callId: 'pinned' });
    await cancelled;
  });

  test('wire errors - refused hand-offs', async () => {
    const { profile, signedIn } = await signInFor(stack);
    const signer = signerOf(stack.uiSeed);
    const refused = async (changes: Partial<HandOffClaims>, by = signer): Promise<void> => {
      const claims = handOffClaims({ profile, signedIn, signer: by, changes });
      await pin('auth.workiq.cache.rockbot', {
        sealed: await sealAnyhow({ claims, signer: by, recipient: profile.publicKey }),
      });
    };
    await refused({}, newSigner());
    await refused({ tenantId: '00000000-0000-4000-8000-00000000bbbb' });
    await refused({ gen: profile.state.generation });
    const longAgo = Math.floor(Date.now() / 1000) - 600;
    await refused({ iat: longAgo, exp: longAgo + 120 });
    await pin('auth.workiq.cache.rockbot', { sealed: 'no JWE' });
    await stack.entra.control.addFault({ endpoint: 'token', action: { kind: 'aadsts', code: 50173 } });
    await refused({});
    const other = await signInFor(stack, 'megan');
    const claims = handOffClaims({ ...other, signer });
    await pin('auth.workiq.cache.rockbot', {
      sealed: await sealAnyhow({ claims, signer, recipient: profile.publicKey }),
    });
  });

  test('wire errors - what only an administrator can mend, and what nobody has foreseen', async () => {
    await stack.workiq.control.inject({ kind: 'unauthorized' });
    await stack.entra.control.addFault({ endpoint: 'token', action: { kind: 'aadsts', code: 650052 } });
    await pinCall(read);
    const path = join(stack.agent.dataDir, 'mcp.json');
    await rm(path);
    await mkdir(path);
    await pin('mcp.manage.rockbot', { action: 'register', name: 'x', entry: { url: 'https://x.example/mcp' } });
  });

  test('wire errors - no code and no reason is left out', () => {
    assert.deepEqual(
      errorCodes.filter((code) => !recorded.codes.has(code)),
      [],
    );
    assert.deepEqual(
      refusalReasons.filter((reason) => !recorded.reasons.has(reason)),
      [],
    );
  });
});
