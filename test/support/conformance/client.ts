// The program that the MCP conformance suite starts as the client under test: the agent's bridge with one server in its
// configuration, used as the agent uses it. It does the same in every scenario and knows none of them by name.
import { Bridge } from '../../../agent/bridge/bridge.ts';
import { ToolMemory } from '../../../agent/bridge/tool-memory.ts';
import { CallBudget } from '../../../agent/bridge/call-budget.ts';
import { Elicitations } from '../../../agent/bridge/elicitations.ts';
import type { TokenProvider } from '../../../agent/auth/token-provider.ts';
import { createDispatcher } from '../../../agent/dispatcher.ts';
import { createLogger } from '../../../agent/logger.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { ElicitationContent } from '../../../shared/contract/elicitation-messages.ts';

const serverUrl = new URL(process.argv[2] ?? '');
const logger = createLogger({ level: 'debug' });

/** A bearer that the agent got elsewhere, before and without this server; the suite takes any that begins with `test-token`. */
const broughtAlong: TokenProvider = {
  profile: 'brought-along',
  allowedOrigins: new Set([serverUrl.origin]),
  token: () => 'test-token-brought-along',
  refresh: async () => 'test-token-brought-along-again',
};

/** What the suite's tools have to be called with. */
const toolArguments: Record<string, Record<string, unknown>> = { add_numbers: { a: 5, b: 3 } };

const elicitations = new Elicitations({
  clock: systemClock,
  logger,
  // A person who accepts the form as it is shown.
  onAsked: ({ elicitationId, requestedSchema }) => {
    setImmediate(() => {
      elicitations.answer(elicitationId, { action: 'accept', content: defaultsOf(requestedSchema) });
    });
  },
  onClosed: () => {},
});

const dispatcher = createDispatcher({ env: {}, keepStreamsOpen: true });
const kept = { load: async () => undefined, saveSoon: () => {}, close: async () => {} };
const budget = await CallBudget.open({
  kept,
  clock: systemClock,
  onProblem: (error) => {
    logger.error('The counts of calls cannot be kept.', { error });
  },
});
const bridge = new Bridge({
  profiles: new Map([[broughtAlong.profile, broughtAlong]]),
  profileGuards: new Map(),
  mayLoad: Promise.resolve(),
  dispatcher: () => dispatcher.get(),
  lookupVariable: () => undefined,
  defaultTimeoutMs: 15_000,
  maxTimeoutMs: 15_000,
  budget,
  toolMemory: await ToolMemory.open(kept),
  elicitations,
  logLevel: 'debug',
  clock: systemClock,
  logger,
  onChange: () => {},
});

try {
  const auth = { profile: broughtAlong.profile };
  bridge.configure(JSON.stringify({ mcpServers: { suite: { type: 'http', url: serverUrl.href, auth } } }));
  await bridge.connection('suite').ready(AbortSignal.timeout(15_000));
  for (const { name } of bridge.list('suite').flatMap(({ tools }) => tools)) {
    await bridge.invoke({
      callId: crypto.randomUUID(),
      caller: 'conformance',
      server: 'suite',
      tool: name,
      arguments: toolArguments[name] ?? {},
    });
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  elicitations.close();
  await bridge.close();
  await budget.close();
  await dispatcher.close();
}

function defaultsOf({ properties }: { properties?: unknown }): ElicitationContent {
  const fields = Object.entries((properties ?? {}) as Record<string, { default?: ElicitationContent[string] }>);
  return Object.fromEntries(
    fields.flatMap(([name, field]) => (field.default === undefined ? [] : [[name, field.default]])),
  );
}
