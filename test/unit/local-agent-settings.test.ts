// What a local agent is started with: its environment and the users of its bus.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agentEnvironment } from '../../extension/local/agent-environment.ts';
import { localBusUsers } from '../../extension/local/local-bus-users.ts';

const options = {
  agentName: 'rockbot',
  dataDir: '/data',
  busUrl: 'ws://127.0.0.1:4223',
  seedFile: '/keys/agent.nk',
  tenantId: 'tenant',
  clientId: 'client',
};

describe('local agent settings', () => {
  test('local agent settings - the surroundings pass through, settings of another agent do not', () => {
    const env = agentEnvironment({
      ...options,
      env: {
        PATH: '/bin',
        WorkIQ__Authority: 'https://127.0.0.1:1',
        WorkIQ__CaFile: '/ca.pem',
        WorkIQ__AllowedOrigins: 'http://127.0.0.1:2',
        WorkIQ__TenantId: 'other',
        WorkIQ__CacheFile: '/elsewhere',
        Nats__CredsFile: '/other.creds',
        Agent__DataDir: '/other',
        McpBridge__ConfigPath: '/other.json',
        ROCKBOT_CONFIG: '/other-config.json',
        VSCODE_IPC_HOOK: '/sock',
        ELECTRON_RUN_AS_NODE: '1',
        Log__Level: 'error',
      },
    });
    assert.deepEqual(env, {
      PATH: '/bin',
      WorkIQ__Authority: 'https://127.0.0.1:1',
      WorkIQ__CaFile: '/ca.pem',
      WorkIQ__AllowedOrigins: 'http://127.0.0.1:2',
      Agent__Name: 'rockbot',
      Agent__DataDir: '/data',
      Nats__Url: 'ws://127.0.0.1:4223',
      Nats__NkeySeedFile: '/keys/agent.nk',
      WorkIQ__TenantId: 'tenant',
      WorkIQ__ClientId: 'client',
      Http__Host: '127.0.0.1',
      Http__Port: '0',
      Log__Level: 'info',
    });
    assert.equal(agentEnvironment({ ...options, env: { Log__Level: 'debug' } })['Log__Level'], 'debug');
  });

  test('local agent settings - the UI may ask and hear, the agent may be asked and tell, and neither more', () => {
    const [agent, ui] = localBusUsers({ agentName: 'rockbot', agent: 'UAGENT', ui: 'UUI' });
    assert.ok(agent?.permissions !== undefined && ui?.permissions !== undefined);
    assert.deepEqual(agent.permissions.subscribe, ui.permissions.publish);
    assert.ok(ui.permissions.publish.includes('auth.workiq.cache.rockbot'));
    assert.ok(ui.permissions.publish.includes('mcp.manage.rockbot'));
    assert.deepEqual(ui.permissions.subscribe, ['_INBOX_UUI.>', ...agent.permissions.publish]);
    assert.ok(agent.permissions.publish.includes('tool.progress.rockbot.*'));
    assert.equal(agent.permissions.allowResponses, true);
    assert.equal(ui.permissions.allowResponses, undefined);
    for (const subject of [...ui.permissions.publish, ...agent.permissions.publish])
      assert.match(subject, /\brockbot\b/, 'nothing of other agents');
  });
});
