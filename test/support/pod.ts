// The one pod among built manifests, with the members that tests look at, and what its containers find in their environment.
import * as z from 'zod';
import type { Manifest } from './kustomize.ts';

const quantitiesSchema = z.partialRecord(z.enum(['cpu', 'memory', 'ephemeral-storage']), z.string());
const probeSchema = z.looseObject({ httpGet: z.unknown(), periodSeconds: z.number(), failureThreshold: z.number() });

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) })).default([]),
  ports: z.array(z.looseObject({ containerPort: z.number() })).default([]),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
  resources: z.object({ requests: quantitiesSchema, limits: quantitiesSchema }),
  securityContext: z.record(z.string(), z.unknown()),
  startupProbe: probeSchema.optional(),
  livenessProbe: probeSchema.optional(),
  readinessProbe: probeSchema.optional(),
});

const podSchema = z.looseObject({
  automountServiceAccountToken: z.boolean(),
  serviceAccountName: z.string(),
  terminationGracePeriodSeconds: z.number(),
  securityContext: z.looseObject({
    runAsNonRoot: z.boolean(),
    runAsUser: z.number(),
    runAsGroup: z.number(),
    fsGroup: z.number(),
    seccompProfile: z.unknown(),
  }),
  initContainers: z.array(containerSchema),
  containers: z.array(containerSchema),
  volumes: z.array(
    z.looseObject({
      name: z.string(),
      secret: z.looseObject({ secretName: z.string(), defaultMode: z.number() }).optional(),
      configMap: z.looseObject({ name: z.string() }).optional(),
      persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
    }),
  ),
});
const deploymentSchema = z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: podSchema }) }) });

export type Container = z.infer<typeof containerSchema>;
export type Pod = z.infer<typeof podSchema>;

export function podOf(build: readonly Manifest[]): Pod {
  return deploymentSchema.parse(build.find(({ kind }) => kind === 'Deployment')).spec.template.spec;
}

/** The environment of the container, as Kubernetes puts it together: ConfigMaps in their order, then its own variables. */
export function environmentOf(container: Container, build: readonly Manifest[]): Record<string, string> {
  const maps = container.envFrom.map(({ configMapRef }) => {
    const map = build.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef.name);
    return z.record(z.string(), z.string()).parse(map?.['data']);
  });
  return Object.assign({}, ...maps, Object.fromEntries(container.env.map(({ name, value }) => [name, value])));
}

/** The environment of the agent. */
export function agentSettings(build: readonly Manifest[]): Record<string, string> {
  const agent = podOf(build).containers.find(({ name }) => name === 'agent');
  if (agent === undefined) throw new Error('The pod has no container "agent".');
  return environmentOf(agent, build);
}
