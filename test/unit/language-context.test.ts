// What the language features are told of the agent: only while it is heard, and no value of any variable.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialState, type ConnectionState } from '../../extension/connection/connection-state.ts';
import { contextOfState } from '../../extension/language/context-of-state.ts';
import { languageContextSchema } from '../../extension/language/language-context.ts';
import { sampleContext, tenantId } from '../support/language-samples.ts';

const { servers = [], auth } = sampleContext.agent ?? {};
const online: ConnectionState = {
  ...initialState('rockbot'),
  bus: { kind: 'online', url: 'ws://127.0.0.1:1' },
  agent: { kind: 'online', heardAt: 0 },
  auth,
  servers,
};

describe('language - context', () => {
  test('language - context: without an agent that is heard nothing is said of one', () => {
    assert.deepEqual(contextOfState(initialState('rockbot')), {});
    assert.deepEqual(contextOfState({ ...online, servers: undefined }), {});
    assert.deepEqual(contextOfState({ ...online, agent: { kind: 'unknown' } }), {});
  });

  test('language - context: what the agent has not told is unknown, not empty', () => {
    const { agent } = contextOfState(online);
    assert.ok(agent);
    assert.equal(agent.environment, undefined);
    assert.equal(agent.tenantId, tenantId);
    assert.equal(agent.profiles, undefined);
  });

  test('language - context: what the agent has told wins, and is what the server reads', () => {
    const facts = {
      profiles: [{ name: 'workiq', scopes: ['a'], allowedOrigins: ['https://a.example'], more: 'x' }],
      environment: ['TICKETS_KEY'],
      tenantId: 'told',
      editing: 'remote',
    };
    const context = contextOfState(online, facts);
    const read = languageContextSchema.parse(JSON.parse(JSON.stringify(context)));
    assert.equal(read.agent?.tenantId, 'told');
    assert.deepEqual(read.agent?.environment, ['TICKETS_KEY']);
    assert.equal(read.agent?.editing, 'remote');
    assert.deepEqual(read.agent?.profiles, [{ name: 'workiq', scopes: ['a'], allowedOrigins: ['https://a.example'] }]);
    assert.equal(read.agent?.servers.length, servers.length);
  });
});
