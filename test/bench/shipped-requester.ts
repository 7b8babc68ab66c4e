// The UI tier's side of the bus as it ships: bundled as the extension and the CLI are, and loaded into this process.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as ExtensionBus from '../../extension/bus.ts';

/** `folder`: a checkout of the product with its dependencies installed; the options are those of its esbuild.mjs. */
export async function loadRequester(folder: string, outfile: string): Promise<typeof ExtensionBus.connectBus> {
  const masking = join(folder, 'shared/websocket-masking.ts');
  await build({
    entryPoints: [join(folder, 'extension/bus.ts')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    external: ['utf-8-validate', ...(existsSync(masking) ? [] : ['bufferutil'])],
    ...(existsSync(masking) && { alias: { bufferutil: masking } }),
  });
  const { connectBus } = createRequire(import.meta.url)(outfile) as typeof ExtensionBus;
  return connectBus;
}
