// What the UI tier puts on the wire: subject, headers and payload of every request, and the subjects of everything else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  events,
  requests,
  type EventName,
  type RequestInputOf,
  type RequestName,
} from '../../shared/contract/contract.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { assertGolden } from './golden.ts';

let stack: Stack;
let tap: BusTap;

before(async () => {
  stack = await startStack();
  tap = await tapBus(stack.nats.url);
});

after(async () => {
  await tap[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

const samples: { [Name in RequestName]: RequestInputOf<Name> } = {
  authProfile: {},
  authCache: { sealed: 'a.b.c.d.e' },
  authState: {},
  authDisconnect: {},
  toolList: { server: 'workiq' },
  toolInvoke: {
    callId: 'call-1',
    server: 'workiq',
    tool: 'fetch',
    arguments: { entityUrls: ['/me'] },
    timeoutMs: 5_000,
  },
  toolCancel: { callId: 'call-1' },
  mcpManage: { action: 'register', name: 'other', entry: { type: 'http', url: 'http://127.0.0.1:9/mcp' } },
  mcpFile: {},
  resourceList: { server: 'workiq' },
  resourceRead: { server: 'workiq', uri: 'sample://notes/1', timeoutMs: 5_000 },
  promptList: { server: 'workiq' },
  promptGet: { server: 'workiq', name: 'summary', arguments: { topic: 'today' }, timeoutMs: 5_000 },
  elicitationAnswer: { elicitationId: 'elicitation-1', action: 'accept', content: { city: 'Oslo' } },
  patrolList: { patrol: 'morning' },
  patrolRunNow: { patrol: 'morning', action: 'start', runId: 'run-1' },
  patrolHistory: { patrol: 'morning', limit: 20, before: '2027-03-01T08:00:00Z' },
  agentLook: {},
  agentCheck: { refresh: true, probe: true },
};

describe('wire requests', () => {
  for (const name of Object.keys(samples) as RequestName[]) {
    test(`wire requests - ${name} is sent and answered as pinned`, async () => {
      const heard = tap.messages.length;
      await stack.ui.request(name, samples[name]).catch(() => undefined);
      await tap.connection.flush();
      const messages = tap.messages.slice(heard);
      const subject = requests[name].subject('rockbot');
      const request = messages.find((message) => message.subject === subject);
      assert.ok(request?.reply);
      const reply = messages.find((message) => message.subject === request.reply);
      assert.ok(reply);
      assert.equal(
        reply.headers['rb-correlation-id'],
        request.headers['rb-correlation-id'] ?? request.headers['rb-id'],
      );
      await assertGolden(`request.${name}`, {
        subject,
        headers: request.headers,
        payload: JSON.parse(request.text),
        replyHeaders: reply.headers,
      });
    });
  }

  test('wire requests - every subject, type and content trust of the contract', async () => {
    const requestTable = Object.fromEntries(
      (Object.keys(requests) as RequestName[]).map((name) => {
        const { subject, type, trust, replyTrust } = requests[name];
        return [name, { subject: subject('{agent}'), type, trust, replyTrust }];
      }),
    );
    const eventTable = Object.fromEntries(
      (Object.keys(events) as EventName[]).map((name) => {
        const { subject, type, trust } = events[name];
        return [name, { subject: subject('{agent}'), type, trust }];
      }),
    );
    await assertGolden('subjects', { requests: requestTable, events: eventTable });
  });

  test('wire requests - mcp.json is given, written and refused as pinned', async () => {
    // What a machine has in its environment, and what other tests registered, is left out.
    const pinned = (file: unknown): object => ({ ...(file as object), text: '<text>', version: '<version>' });
    const given = await tap.request('mcp.file.rockbot', {});
    await assertGolden('file.reply', { ...given.json, file: pinned(given.json['file']) });
    const { text, version } = given.json['file'] as { text: string; version: string };
    const write = async (changes: object) =>
      (await tap.request('mcp.manage.rockbot', { action: 'write', text, version, ...changes })).json;
    const written = await write({ text: `${text} ` });
    const { environment } = written['file'] as { environment: string[] };
    assert.ok(environment.includes('WORKIQ_TENANT_ID'));
    await assertGolden('manage.write', { ...written, file: { ...pinned(written['file']), environment: '<names>' } });
    await assertGolden('manage.write-conflict', await write({}));
    const now = (await tap.request('mcp.file.rockbot', {})).json['file'] as { version: string };
    await assertGolden('manage.write-invalid', await write({ text: '{ "mcpServers": [] }', version: now.version }));
    await assertGolden(
      'manage.write-forbidden',
      await write({ text: '{ "mcpServers": { "x": { "command": "sh" } } }', version: now.version }),
    );
  });

  for (const [action, payload] of Object.entries({
    details: { action: 'details', name: 'workiq' },
    unregister: { action: 'unregister', name: 'other' },
    refresh: { action: 'refresh', name: 'nobody' },
  })) {
    test(`wire requests - mcp.manage ${action} is answered as pinned`, async () => {
      const { json } = await tap.request('mcp.manage.rockbot', payload);
      await assertGolden(`manage.${action}`, json);
    });
  }
});
