// Who may import what, as one pure function over (importer, imported) paths; the rules of docs/architecture.md.

export interface Import {
  /** Path from the top of the repository. */
  from: string;
  /** Path from the top, or `node_modules/<package>`, or a bare name such as `node:fs` or `vscode`. */
  to: string;
}

/** Only these files may import the library. */
const owners: Readonly<Record<string, readonly string[]>> = {
  'nats.ws': ['agent/bus.ts', 'agent/bus/', 'extension/bus.ts', 'extension/bus/'],
  '@azure/msal-node': ['agent/auth/msal.ts', 'extension/consent/msal.ts'],
  '@modelcontextprotocol/sdk': ['agent/bridge/'],
  '@opentelemetry/sdk-trace': ['agent/tracing/'],
  '@opentelemetry/exporter-trace-otlp-http': ['agent/tracing/'],
  '@cfworker/json-schema': ['shared/tool-schema/'],
  croner: ['shared/patrols/'],
  luxon: ['shared/patrols/'],
  '@jmespath-community/jmespath': ['shared/patrols/'],
};

/** The same among the tests: whatever else would use it would search anew in every run. */
const testOwners: Readonly<Record<string, readonly string[]>> = {
  'fast-check': ['test/support/repeatable-fast-check.ts'],
};

/** What is wrong with an import, or undefined. */
export function fenceViolation({ from, to }: Import): string | undefined {
  const tier = tierOf(from);
  if (tier === undefined) return undefined;
  if (tier === 'test') return ownedByOthers(testOwners, from, to);
  const target = tierOf(to);
  if (target === 'test') return 'product code imports a test';
  if (tier === 'shared' && (target === 'agent' || target === 'extension')) return 'shared/ imports a tier';
  if (tier === 'agent' && target === 'extension') return 'agent/ imports extension/';
  if (tier === 'extension' && target === 'agent') return 'extension/ imports agent/';
  if (tier === 'shared' && (to.startsWith('node:') || to === 'vscode')) return 'shared/ is pure and runs anywhere';
  if (tier === 'extension' && to === 'vscode' && !/^extension\/(?:extension\.ts$|ui\/)/.test(from))
    return 'only extension/ui/ and extension.ts know vscode; the rest is pure, or for the command line too';
  if (tier === 'agent' && to === 'vscode') return 'the agent has no VS Code';
  const inside = insideAgent(from, to);
  return inside ?? ownedByOthers(owners, from, to);
}

function ownedByOthers(owned: typeof owners, from: string, to: string): string | undefined {
  const library = packageOf(to);
  const allowed = library === undefined ? undefined : owned[library];
  if (allowed === undefined) return undefined;
  const isOwner = allowed.some((owner) => from === owner || (owner.endsWith('/') && from.startsWith(owner)));
  return isOwner ? undefined : `${library} belongs to ${allowed.join(', ')}`;
}

function insideAgent(from: string, to: string): string | undefined {
  if (from.startsWith('agent/auth/') && /^agent\/(?:bridge|patrols|handlers|bus\b)/.test(to))
    return 'auth knows neither bridge, bus nor patrols';
  if (from.startsWith('agent/bridge/') && /^agent\/(?:handlers|patrols|bus\b|start-agent\.ts)/.test(to))
    return 'the bridge knows neither bus nor handlers';
  if (from.startsWith('agent/bridge/') && to.startsWith('agent/auth/') && to !== 'agent/auth/token-provider.ts')
    return 'the bridge sees tokens through TokenProvider only';
  return undefined;
}

function tierOf(path: string): 'shared' | 'agent' | 'extension' | 'test' | undefined {
  return /^(shared|agent|extension|test)\//.exec(path)?.[1] as ReturnType<typeof tierOf>;
}

function packageOf(path: string): string | undefined {
  const name = path.replace(/^.*node_modules\//, '');
  if (path === name && /^(?:node:|\.|\/|shared\/|agent\/|extension\/|test\/)/.test(path)) return undefined;
  return /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0];
}
