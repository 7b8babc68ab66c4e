// Builds the manifests of deploy/k8s with the kustomize in kubectl, as the text and as objects. It knows nothing of what they should hold.
import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';

const manifestSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
});

export type Manifest = z.infer<typeof manifestSchema>;

export const kubernetesFolder = new URL('../../deploy/k8s', import.meta.url).pathname;

/** Not of this package, but of the machine. */
const program = 'kubectl';
const probe = spawnSync(program, ['version', '--client'], { encoding: 'utf8', timeout: 30_000 });

/** Why manifests cannot be built here; false when they can. */
export const withoutKubectl: string | false =
  probe.status === 0
    ? false
    : `kubectl is not there or does not run (${probe.error?.message ?? `exit code ${String(probe.status)}`})`;

/** What `kubectl apply -k` would send, of a folder below deploy/k8s or another copy of it. Rejects with what kustomize says. */
export async function buildManifests(folder: string, copy = kubernetesFolder): Promise<Manifest[]> {
  return build(join(copy, folder));
}

/** An overlay with optional components switched on, as somebody would write it. */
export async function buildWithComponents(overlay: string, components: readonly string[]): Promise<Manifest[]> {
  const copy = await mkdtemp(join(tmpdir(), 'rockbot-k8s-'));
  try {
    await cp(kubernetesFolder, copy, { recursive: true });
    const own = join(copy, 'overlays', `${overlay}-with-components`);
    await cp(join(copy, 'overlays', overlay), own, { recursive: true });
    const lines = [
      `namespace: ${overlay === 'prod' ? 'rockbot' : `rockbot-${overlay}`}`,
      `resources: [../${overlay}]`,
      `components: [${components.map((name) => `../../components/${name}`).join(', ')}]`,
    ];
    await writeFile(join(own, 'kustomization.yaml'), `${lines.join('\n')}\n`);
    return await build(own);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function build(folder: string): Promise<Manifest[]> {
  const { stdout } = await promisify(execFile)(program, ['kustomize', folder], {
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return parseAllDocuments(stdout).map((document) => manifestSchema.parse(document.toJS()));
}
