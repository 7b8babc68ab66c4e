// Builds the bundles of dist/, the pages of its webviews, what they are made of, and dist/meta.json for the import fence;
// `--watch` keeps building.
import { build, context } from 'esbuild';
import { chmod, glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import * as zod from 'zod';
import * as mini from 'zod/mini';
import { writeThirdParty } from './third-party.mjs';

const product = JSON.parse(await readFile('package.json', 'utf8'));

/**
 * An executable is a small file that loads its bundle: it gives an old Node a sentence rather than a syntax error, and lets
 * Node keep the compiled bundle between starts, which cannot be done for the file that asks for it.
 */
const launcher = (bundle) => `#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error('RockBot needs Node 20 or newer, better 22; this is ' + process.version + '.');
  process.exit(78);
}
require('node:module').enableCompileCache?.();
require('./${bundle}');
`;

/** Modules that would be bundled and loaded whole for the little that is used of them. */
const slimmed = [
  { filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/, contents: `export { default as en } from './en.js';` },
  {
    filter: /prom-client[\\/]index\.js$/,
    contents: ['Registry', 'Counter', 'Gauge', 'Histogram']
      .map((name) => `export { default as ${name} } from './lib/${name.toLowerCase()}.js';`)
      .join('\n'),
  },
  // Of undici without its mocks, caches, web sockets and interceptors: what the agent imports, and no more.
  {
    filter: /undici[\\/]index\.js$/,
    contents: `const Dispatcher = require('./lib/dispatcher/dispatcher');
      Object.assign(Dispatcher.prototype, require('./lib/api'));
      module.exports = {
        Dispatcher,
        Agent: require('./lib/dispatcher/agent'),
        ProxyAgent: require('./lib/dispatcher/proxy-agent'),
        fetch: require('./lib/web/fetch').fetch,
      };`,
  },
  // The validator that the MCP client would use if it were not given another.
  {
    filter: /sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/,
    contents: 'export class AjvJsonSchemaValidator {}',
  },
  // The client of the language server asks whether VS Code is as new as the manifest wants it to be anyway.
  { filter: /semver[\\/]functions[\\/]parse\.js$/, contents: 'module.exports = (version) => version;' },
  { filter: /semver[\\/]functions[\\/]satisfies\.js$/, contents: 'module.exports = () => true;' },
  // Features of editors that the language server for mcp.json does not have.
  {
    filter:
      /vscode-languageclient[\\/]lib[\\/]common[\\/](?:callHierarchy|colorProvider|declaration|definition|diagnostic|documentHighlight|fileOperations|implementation|inlineCompletion|inlineValue|linkedEditingRange|notebook|reference|selectionRange|semanticTokens|signatureHelp|textDocumentContent|typeDefinition|typeHierarchy|workspaceSymbol)\.js$/,
    contents: `class Absent { fillClientCapabilities() {} initialize() {} getState() { return { kind: 'static' }; } clear() {} }
      module.exports = new Proxy({}, { get: () => Absent });`,
  },
  // Schemas of JSON Schema itself, to check schemas with.
  {
    filter: /vscode-json-languageservice[\\/]lib[\\/]esm[\\/]services[\\/]configuration\.js$/,
    contents: 'export const schemaContributions = {};',
  },
  // It matches files that servers want to be told of; this one wants none.
  { filter: /minimatch[\\/]dist[\\/](?:commonjs|esm)[\\/]index\.js$/, contents: 'module.exports = {};' },
];

/** @type {import('esbuild').Plugin} */
const slim = {
  name: 'slim',
  setup({ onLoad }) {
    for (const { filter, contents } of slimmed)
      onLoad({ filter }, ({ path }) => ({ contents, resolveDir: dirname(path) }));
  },
};

/**
 * What the extension loads only when it is needed, so that it activates quickly: the bus once one is set, MSAL with the first
 * sign-in, results and forms when they are shown, the client of the language server when an mcp.json is opened.
 */
const lazyParts = [
  'bus.ts',
  'bus/stored-credentials.ts',
  'consent/consent.ts',
  'local/local-agent.ts',
  'ui/ask-bus-credentials.ts',
  'ui/doctor.ts',
  'ui/language-client.ts',
  'ui/patrol-run-panels.ts',
  'ui/question-form.ts',
  'ui/result-panels.ts',
  'ui/run-tool.ts',
  'ui/sign-in.ts',
];

/** @param {string} part */
const fileOf = (part) => part.replace(/^.*\//, '').replace(/\.ts$/, '.cjs');

/**
 * Makes dynamic imports of these parts load bundles of their own.
 * @type {import('esbuild').Plugin}
 */
const lazy = {
  name: 'lazy parts',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const part = relative('extension', resolve(resolveDir, path));
      return lazyParts.includes(part) ? { path: `./${fileOf(part)}`, external: true } : undefined;
    });
  },
};

/**
 * What several parts of the extension use lies in files of its own: once in the package, once in memory.
 * @type {import('esbuild').Plugin}
 */
const shared = {
  name: 'shared libraries',
  setup({ onResolve }) {
    const share = (filter, path) => onResolve({ filter }, () => ({ path, external: true }));
    share(/^zod$/, './zod.cjs');
    share(/^zod\/mini$/, './zod-mini.cjs');
    share(/^@nats-io\/nkeys$/, './nkeys.cjs');
    // The language server and its client speak one protocol.
    share(/^vscode-(?:languageserver-protocol(?:\/node)?|languageserver-types)$/, './language-protocol.cjs');
  },
};

/**
 * A module that exports what the sources of the extension name of zod, which is half of it, and of its small form, which has
 * the same core.
 */
async function usedOfZod() {
  const used = { zod: new Set(), 'zod/mini': new Set() };
  for await (const file of glob('{extension,shared}/**/*.ts')) {
    const source = await readFile(file, 'utf8');
    const names = /from '(zod(?:\/mini)?)'/.exec(source);
    if (names !== null) for (const [, name] of source.matchAll(/\bz\.(\w+)/g)) used[names[1]].add(name);
  }
  // `core` holds all of it, and is named for its types alone.
  const values = (of, all) => [...of].filter((name) => name in all && name !== 'core').sort();
  return `export { ${values(used.zod, zod).join(', ')} } from 'zod';
    import * as all from 'zod/mini';
    export const mini = { ${values(used['zod/mini'], mini).map((name) => `${name}: all.${name}`)} };`;
}

const common = {
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minify: true,
  mainFields: ['module', 'main'],
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: { __ROCKBOT_VERSION__: JSON.stringify(product.version) },
  plugins: [slim],
  // `ws` masks with it what is large; without it, byte by byte.
  alias: { bufferutil: './shared/websocket-masking.ts' },
  // The other optional native helper of `ws`; it works without.
  external: ['vscode', 'utf-8-validate'],
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  {
    entryPoints: ['extension/extension.ts'],
    outfile: 'dist/extension.cjs',
    plugins: [shared, slim, lazy],
    supported: { 'dynamic-import': false },
  },
  ...lazyParts.map((part) => ({
    entryPoints: [`extension/${part}`],
    outfile: `dist/${fileOf(part)}`,
    plugins: [shared, slim, lazy],
    supported: { 'dynamic-import': false },
  })),
  { stdin: { contents: await usedOfZod(), resolveDir: '.' }, outfile: 'dist/zod.cjs' },
  {
    stdin: { contents: `module.exports = require('./zod.cjs').mini;` },
    outfile: 'dist/zod-mini.cjs',
    external: ['./zod.cjs'],
  },
  {
    stdin: { contents: `export { createUser, fromSeed } from '@nats-io/nkeys';`, resolveDir: '.' },
    outfile: 'dist/nkeys.cjs',
  },
  {
    entryPoints: ['extension/language/server.ts'],
    outfile: 'dist/language-server.cjs',
    plugins: [shared, slim],
  },
  {
    stdin: { contents: `module.exports = require('vscode-languageserver-protocol/node');`, resolveDir: '.' },
    outfile: 'dist/language-protocol.cjs',
  },
  { entryPoints: ['agent/main.ts'], outfile: 'dist/agent-bundle.cjs' },
  { entryPoints: ['extension/cli/main.ts'], outfile: 'dist/cli-bundle.cjs' },
].map((bundle) => ({ ...common, ...bundle }));

/** Pages of the webviews, each a folder of its own; fonts lie beside what uses them, since the pages load nothing inline. */
const pages = await Array.fromAsync(glob('extension/webview/*/main.ts'));
if (pages.length > 0) {
  bundles.push({
    ...common,
    entryPoints: pages,
    outbase: 'extension/webview',
    outdir: 'dist/webview',
    platform: 'browser',
    format: 'esm',
    target: 'chrome120',
    mainFields: ['browser', 'module', 'main'],
    conditions: ['browser'],
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    alias: {},
    external: [],
  });
}

await mkdir('dist', { recursive: true });
if (process.argv.includes('--watch')) {
  for (const bundle of bundles) await (await context(bundle)).watch();
} else {
  const results = await Promise.all(bundles.map((bundle) => build(bundle)));
  for (const name of ['agent', 'cli']) {
    await writeFile(`dist/${name}.cjs`, launcher(`${name}-bundle.cjs`));
    await chmod(`dist/${name}.cjs`, 0o755);
  }
  const inputs = Object.assign({}, ...results.map(({ metafile }) => metafile.inputs));
  await writeThirdParty(Object.keys(inputs), product);
  await writeFile(
    'dist/meta.json',
    JSON.stringify({ inputs, outputs: Object.assign({}, ...results.map(({ metafile }) => metafile.outputs)) }),
  );
}
