// The operator of an agent in a company: fills in the shipped manifests, applies them, replaces Secrets and versions, looks at probes and
// metrics. It knows no person and no call.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { cp, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { filesIn } from './files-in.ts';
import { buildManifests } from './kustomize.ts';
import type { KnownSecret } from './leak-search.ts';
import type { InstalledRelease } from './packed-release.ts';
import { layOutPod, type PodAgent, type PodFolder } from './pod-folder.ts';
import { parsePrometheusText, type PrometheusMetrics } from './prometheus-text.ts';

/** In the containers. */
export const volumePath = '/data/agent';
const secretsPath = `${volumePath}/secrets`;
const keySchema = z.object({ x: z.string(), d: z.string() });
const encryptedSchema = z.object({ encryptedCache: z.string() });

export interface PodOperatorOptions {
  /** Of its own, which users of containers can look into. */
  folder: string;
  tenantId: string;
  clientId: string;
  /** PEM, for the Secret of the bus. */
  busCa: string;
  entraCa: string;
}

export class PodOperator implements AsyncDisposable {
  /** What stands in overlays/prod/agent.env; taken up by the next `apply`. */
  readonly settings: Record<string, string> = {};
  /** Every agent that ran, oldest first. */
  readonly agents: PodAgent[] = [];
  /** All that the HTTP endpoints answered. */
  readonly scraped: string[] = [];
  /** Keys of the agent that were there. */
  readonly secrets: KnownSecret[] = [];
  readonly #options: PodOperatorOptions;
  #pod: PodFolder | undefined;

  constructor(options: PodOperatorOptions) {
    this.#options = options;
  }

  /** Where something lies that the agent finds at this path. */
  path(inContainer: string): string {
    return this.#there(this.#pod).path(inContainer);
  }

  get agent(): PodAgent {
    return this.#there(this.agents.at(-1));
  }

  /** `kubectl apply -k` of the manifests that come with a version. */
  async apply(release: InstalledRelease): Promise<void> {
    const { folder, tenantId, clientId } = this.#options;
    const copy = join(folder, 'k8s');
    await rm(copy, { recursive: true, force: true });
    await cp(join(release.folder, 'deploy/k8s'), copy, { recursive: true });
    const lines = Object.entries(this.settings).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(copy, 'overlays/prod/agent.env'), lines.join(''));
    const file = join(copy, 'overlays/prod/workiq.yaml');
    const shipped = await readFile(file, 'utf8');
    const filledIn = shipped
      .replace("TenantId: ''", `TenantId: ${tenantId}`)
      .replace("ClientId: ''", `ClientId: ${clientId}`);
    await writeFile(file, filledIn);
    const pod = join(folder, 'pod');
    await mkdir(pod, { recursive: true });
    this.#pod = await layOutPod({ build: await buildManifests('overlays/prod', copy), folder: pod });
  }

  /** Resolves when the agent is ready. */
  async start({ folder: app, agent: program }: InstalledRelease): Promise<void> {
    const agent = await this.#there(this.#pod).start({
      image: { '/app/prepare-volume.cjs': join(app, 'deploy/prepare-volume.cjs') },
      entrypoint: [program],
    });
    this.agents.push(agent);
    await agent.ready();
    await this.#rememberKey();
  }

  async stop(): Promise<void> {
    assert.equal(await this.agent.stop(), 0, this.agent.output());
  }

  /** As a Deployment with `Recreate` does it: the old one goes before the new one comes. */
  async replace(release: InstalledRelease): Promise<void> {
    await this.stop();
    await this.apply(release);
    await this.start(release);
  }

  async putBusSecret(seed: string): Promise<void> {
    this.secrets.push({ kind: 'seed of the agent', value: seed });
    const { busCa, entraCa } = this.#options;
    const files = { 'nkey.seed': `${seed}\n`, 'ca.crt': busCa, 'entra-ca.crt': entraCa };
    await this.#there(this.#pod).putSecret('rockbot-bus', files);
  }

  /** Another one each time. */
  async putCacheKey(): Promise<void> {
    const key = randomBytes(32);
    for (const encoding of ['latin1', 'hex', 'base64'] as const)
      this.secrets.push({ kind: `cache key as ${encoding}`, value: key.toString(encoding) });
    await this.#there(this.#pod).putSecret('rockbot-cache-key', { 'cache.key': key });
  }

  /** As with `kubectl exec`; a new one is made at the next start. */
  async removeAgentKey(): Promise<void> {
    await rm(this.path(`${secretsPath}/agent-key.jwk`));
  }

  /** Read on the volume, as docs/operations.md says. */
  async fingerprint(): Promise<string> {
    const key = JSON.stringify({ crv: 'X25519', kty: 'OKP', x: (await this.#agentKey()).x });
    return `SHA256:${createHash('sha256').update(key).digest('base64url')}`;
  }

  /** The sign-in as the volume has it: the ciphertext of a compact JWE, which whoever finds the key could still open. */
  async storedSignIn(): Promise<KnownSecret> {
    const text = await readFile(this.path(`${secretsPath}/workiq-cache.bin`), 'utf8');
    const [, , , cipherText = ''] = encryptedSchema.parse(JSON.parse(text)).encryptedCache.split('.');
    assert.ok(cipherText.length > 1_000, 'a sign-in is stored');
    return { kind: 'the stored sign-in', value: cipherText };
  }

  /** What probes and metrics say. Returns the metrics. */
  async expectState({ version, auth }: { version: string; auth: string }): Promise<PrometheusMetrics> {
    const paths = ['/livez', '/readyz', '/metrics'] as const;
    const answers = await Promise.all(paths.map((path) => this.agent.get(path)));
    for (const { status, text } of answers) {
      assert.equal(status, 200, text);
      this.scraped.push(text);
    }
    const metrics = parsePrometheusText(answers.at(-1)?.text ?? '');
    assert.equal(metrics.value('rockbot_build_info', { version }), 1, `not ${version}`);
    assert.equal(metrics.value('rockbot_bus_connected'), 1);
    assert.equal(metrics.value('rockbot_auth_status', { status: auth }), 1, `not ${auth}`);
    return metrics;
  }

  /** Of `uid`, and for nobody else: also after init container and restarts, which find a volume that hands its group down. */
  async expectPrivateSecrets(uid: number | undefined): Promise<void> {
    const names = (await filesIn(this.path(secretsPath))).map(({ name }) => name);
    assert.ok(names.includes('agent-key.jwk'));
    for (const name of ['', ...names]) {
      const found = await lstat(this.path(`${secretsPath}/${name}`));
      assert.equal(found.uid, uid, name);
      assert.equal(found.mode & 0o7777, name === '' ? 0o700 : 0o600, name);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.agents) await agent[Symbol.asyncDispose]();
  }

  async #rememberKey(): Promise<void> {
    const { d } = await this.#agentKey();
    if (!this.secrets.some(({ value }) => value === d)) this.secrets.push({ kind: 'agent key', value: d });
  }

  async #agentKey(): Promise<z.infer<typeof keySchema>> {
    return keySchema.parse(JSON.parse(await readFile(this.path(`${secretsPath}/agent-key.jwk`), 'utf8')));
  }

  #there<Part>(part: Part | undefined): Part {
    if (part === undefined) throw new Error('Apply the manifests and start the agent first.');
    return part;
  }
}
