// What is told of a change of the servers over the bus, and how long a requested listing may take.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditEntry } from '../../agent/audit/audit-log.ts';
import type { RequestContext } from '../../agent/bus/answer-request.ts';
import { createToolHandlers, type ToolHandlersOptions } from '../../agent/handlers/tool-handlers.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { manualClock } from '../support/manual-clock.ts';

const context: RequestContext = {
  source: 'vscode/alice',
  inbox: '_INBOX_U',
  correlationId: 'r-1',
  traceparent: undefined,
  tracestate: undefined,
  payload: new Uint8Array(),
};

function handlersWith(overrides: Partial<ToolHandlersOptions> = {}) {
  const audit: AuditEntry[] = [];
  const log: unknown[] = [];
  const clock = manualClock();
  const handlers = createToolHandlers({
    agent: 'rockbot',
    bridge: { list: () => [], problems: [], cancel: () => false, refresh: async () => undefined },
    session: { state: () => ({ status: 'not_connected', since: '', generation: 0 }) },
    registry: { register: async () => clock.advance(5), unregister: async () => undefined },
    mcpFile: { read: () => Promise.reject(new Error('unused')), write: () => Promise.reject(new Error('unused')) },
    audit: { record: (entry) => void audit.push(entry) },
    clock,
    logger: {
      debug: () => undefined,
      info: (message, fields) => void log.push({ message, ...fields }),
      warn: () => undefined,
      error: () => undefined,
    },
    ...overrides,
  });
  return { audit, log, handlers };
}

describe('tool handlers', () => {
  test('tool handlers - who registers and unregisters a server stands in the audit log and in the log', async () => {
    const { audit, log, handlers } = handlersWith();
    const who = { inbox: '_INBOX_U', correlationId: 'r-1', server: 'evil', outcome: 'ok' };
    await handlers.mcpManage({ action: 'register', name: 'evil', entry: { url: 'https://x.test/secret' } }, context);
    await handlers.mcpManage({ action: 'unregister', name: 'evil' }, context);
    assert.deepEqual(
      audit.map(({ at: _at, callId: _id, ...entry }) => entry),
      [
        { caller: 'vscode/alice', ...who, tool: 'mcp/register', durationMs: 5 },
        { caller: 'vscode/alice', ...who, tool: 'mcp/unregister', durationMs: 0 },
      ],
    );
    const facts = { source: 'vscode/alice', ...who };
    assert.deepEqual(log, [
      { message: 'A server was changed over the bus.', action: 'register', ...facts },
      { message: 'A server was changed over the bus.', action: 'unregister', ...facts },
    ]);
  });

  test('tool handlers - a change that is refused is told, too, and a name of any length does not fill the log', async () => {
    const refused = new RockBotError({ code: 'forbidden', message: 'No.' });
    const { audit, log, handlers } = handlersWith({
      registry: { register: () => Promise.reject(refused), unregister: () => Promise.reject(refused) },
    });
    const entry = { url: 'https://x.test' };
    await assert.rejects(
      handlers.mcpManage({ action: 'register', name: 'n'.repeat(100_000), entry }, context),
      refused,
    );
    assert.deepEqual(
      audit.map(({ tool, outcome }) => [tool, outcome]),
      [['mcp/register', 'forbidden']],
    );
    assert.ok(JSON.stringify([audit, log]).length < 2_000);
  });

  test('tool handlers - looking and listing anew leave no line', async () => {
    const { audit, log, handlers } = handlersWith();
    await handlers.mcpManage({ action: 'details', name: 'a' }, context);
    await handlers.mcpManage({ action: 'refresh' }, context);
    assert.deepEqual([audit, log], [[], []]);
  });

  test('tool handlers - a listing that was asked for and does not come ends as a timeout; one that came leaves no timer', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const signals: AbortSignal[] = [];
    const { handlers } = handlersWith({
      bridge: {
        list: () => [],
        problems: [],
        cancel: () => false,
        refresh: (name, signal) => {
          signals.push(signal);
          if (name === 'quick') return Promise.resolve();
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(signal.reason as Error);
            });
          });
        },
      },
    });
    await handlers.mcpManage({ action: 'refresh', name: 'quick' }, context);
    const hanging = handlers.mcpManage({ action: 'refresh', name: 'slow' }, context);
    test.mock.timers.tick(30_000);
    await assert.rejects(hanging, { code: 'timeout' });
    assert.equal(signals[0]?.aborted, false);
  });
});
