// The manifests for Kubernetes: every overlay builds, fits the schemas, asks for no right that it does not need, and says the same as the
// agent about settings, ports, times and memory.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { parse } from 'yaml';
import * as z from 'zod';
import { schemaProblems } from '../support/kubernetes-schema.ts';
import {
  buildManifests,
  buildWithComponents,
  kubernetesFolder,
  withoutKubectl,
  type Manifest,
} from '../support/kustomize.ts';
import { agentSettings, podOf, type Container, type Pod } from '../support/pod.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Kinds that give rights to somebody, or reach into nodes. */
const forbiddenKinds = /^(Cluster)?Role(Binding)?$|^PodSecurityPolicy$|^DaemonSet$/;
/** Made by the operator, so not in the manifests. */
const operatorSecrets = ['rockbot-bus', 'rockbot-cache-key'];
const ownLabels = { 'app.kubernetes.io/name': 'rockbot', 'app.kubernetes.io/component': 'agent' };

const networkPolicySchema = z.looseObject({
  podSelector: z.unknown(),
  policyTypes: z.unknown(),
  ingress: z.array(z.looseObject({ from: z.array(z.unknown()), ports: z.array(z.unknown()) })),
  egress: z.array(
    z.looseObject({
      to: z.array(z.record(z.string(), z.unknown())),
      ports: z.array(z.looseObject({ port: z.unknown() })),
    }),
  ),
});

const templateSchema = z.looseObject({
  template: z.looseObject({ metadata: z.looseObject({ labels: z.unknown() }) }),
});
const monitorSchema = z.looseObject({
  jobLabel: z.string(),
  endpoints: z.array(z.looseObject({ port: z.string(), path: z.string() })),
});

describe('manifests', { skip: withoutKubectl }, () => {
  const builds = new Map<string, Manifest[]>();

  before(async () => {
    builds.set('dev', await buildManifests('overlays/dev'));
    builds.set('prod', await buildManifests('overlays/prod'));
    builds.set('prod with components', await buildWithComponents('prod', ['monitoring', 'evict-by-hand']));
  });

  const each = (check: (build: Manifest[], name: string) => void): void => {
    assert.equal(builds.size, 3);
    for (const [name, build] of builds) check(build, name);
  };
  const eachPod = (check: (pod: Pod, name: string, build: Manifest[]) => void): void => {
    each((build, name) => {
      check(podOf(build), name, build);
    });
  };
  const eachContainer = (check: (container: Container, name: string) => void): void => {
    eachPod((pod, name) => {
      for (const container of [...pod.initContainers, ...pod.containers])
        check(container, `${name}: ${container.name}`);
    });
  };

  test('manifests - everything fits the schema of its kind, and has no member that the schema does not know', () => {
    each((build, name) => {
      for (const manifest of build) assert.deepEqual(schemaProblems(manifest), [], `${name}: ${manifest.kind}`);
    });
  });

  test('manifests - the check of schemas finds a misspelt restriction, a wrong value and a kind that is not expected', () => {
    const deployment = structuredClone((builds.get('prod') ?? []).find(({ kind }) => kind === 'Deployment'));
    assert.ok(deployment);
    const spec = deployment['spec'] as Record<string, unknown>;
    spec['strategey'] = { type: 'Recreate' };
    spec['replicas'] = 'one';
    assert.match(schemaProblems(deployment).join(' '), /replicas must be integer.*\/spec\/strategey is unknown/);
    assert.equal(schemaProblems({ ...deployment, kind: 'StatefulSet' }).length, 1);
  });

  test('manifests - the agent gets no right in the cluster, and no token to ask for one [S4]', () => {
    eachPod((pod, name, build) => {
      assert.deepEqual(
        build.filter(({ kind }) => forbiddenKinds.test(kind)),
        [],
        name,
      );
      assert.equal(pod.automountServiceAccountToken, false, name);
      const account = build.find(({ kind }) => kind === 'ServiceAccount');
      assert.equal(account?.metadata.name, pod.serviceAccountName);
      assert.equal(account['automountServiceAccountToken'], false, name);
      assert.ok(!JSON.stringify(pod.volumes).includes('serviceAccountToken'), name);
    });
  });

  test('manifests - the volume is mounted by the agent and what prepares it, and by nothing else [S4]', () => {
    each((build, name) => {
      const claims = build.filter(({ kind }) => kind === 'PersistentVolumeClaim');
      assert.equal(claims.length, 1, name);
      assert.equal(build.filter((manifest) => JSON.stringify(manifest).includes('"claimName"')).length, 1, name);
      const pod = podOf(build);
      const mounting = [...pod.initContainers, ...pod.containers].filter(({ volumeMounts }) =>
        volumeMounts.some((mount) => mount.name === 'data'),
      );
      assert.deepEqual(
        mounting.map((container) => container.name),
        ['prepare-volume', 'agent'],
        name,
      );
      for (const { volumeMounts } of mounting)
        assert.equal(volumeMounts.find((mount) => mount.name === 'data')?.mountPath, '/data/agent', name);
    });
  });

  test('manifests - the pod keeps to the restricted Pod Security Standard', () => {
    eachPod((pod, name) => {
      assert.equal(pod.securityContext.runAsNonRoot, true, name);
      assert.ok(pod.securityContext.runAsUser > 0 && pod.securityContext.runAsGroup > 0, name);
      assert.deepEqual(pod.securityContext.seccompProfile, { type: 'RuntimeDefault' }, name);
      for (const host of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'ephemeralContainers'])
        assert.equal(host in pod, false, `${name}: ${host}`);
      assert.ok(!('sysctls' in pod.securityContext), name);
      for (const volume of pod.volumes) {
        const types = Object.keys(volume).filter((key) => key !== 'name');
        assert.equal(types.length, 1);
        assert.match(types[0] ?? '', /^(configMap|emptyDir|persistentVolumeClaim|secret)$/, `${name}: ${volume.name}`);
      }
    });
  });

  test('manifests - every container, also those that come before the agent, is restricted and read-only', () => {
    let count = 0;
    eachContainer(({ securityContext, ports }, name) => {
      count++;
      assert.deepEqual(
        securityContext,
        {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        },
        name,
      );
      for (const port of ports) assert.ok(!('hostPort' in port), name);
    });
    assert.equal(count, 7);
  });

  test('manifests - the namespace has the cluster refuse whatever is not restricted', () => {
    each((build, name) => {
      const namespace = build.find(({ kind }) => kind === 'Namespace');
      assert.equal(namespace?.metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted', name);
      for (const { kind, metadata } of build)
        if (kind !== 'Namespace') assert.equal(metadata.namespace, namespace.metadata.name, `${name}: ${kind}`);
    });
  });

  test('manifests - there is never more than one agent on the volume', () => {
    each((build, name) => {
      const deployments = build.filter(({ kind }) => kind === 'Deployment');
      assert.equal(deployments.length, 1, name);
      const spec = deployments[0]?.['spec'] as { replicas: unknown; strategy: unknown };
      assert.equal(spec.replicas, 1, name);
      assert.deepEqual(spec.strategy, { type: 'Recreate' }, name);
    });
  });

  test('manifests - whatever is referred to is there, or made by the operator', () => {
    eachPod((pod, name, build) => {
      const names = (kind: string): string[] =>
        build.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
      for (const { secret, configMap, persistentVolumeClaim } of pod.volumes) {
        if (secret !== undefined) {
          assert.ok(operatorSecrets.includes(secret.secretName), `${name}: ${secret.secretName}`);
          assert.equal(secret.defaultMode, 0o400, `${name}: ${secret.secretName}`);
        }
        if (configMap !== undefined) assert.ok(names('ConfigMap').includes(configMap.name), name);
        if (persistentVolumeClaim !== undefined)
          assert.ok(names('PersistentVolumeClaim').includes(persistentVolumeClaim.claimName), name);
      }
      for (const container of [...pod.initContainers, ...pod.containers]) {
        for (const { configMapRef } of container.envFrom)
          assert.ok(names('ConfigMap').includes(configMapRef.name), name);
        for (const mount of container.volumeMounts)
          assert.ok(
            pod.volumes.some((volume) => volume.name === mount.name),
            `${name}: ${mount.name}`,
          );
      }
    });
  });

  test('manifests - no Secret is among them, so no credential can be', () => {
    each((build, name) => {
      assert.deepEqual(
        build.filter(({ kind }) => kind === 'Secret'),
        [],
        name,
      );
      assert.doesNotMatch(JSON.stringify(build), /S[UAO][A-Z2-7]{56}|whsec_|BEGIN [A-Z ]*PRIVATE KEY/, name);
    });
  });

  test('manifests - every selector means the agent', () => {
    eachPod((_pod, name, build) => {
      const deployment = build.find(({ kind }) => kind === 'Deployment');
      const { labels } = templateSchema.parse(deployment?.['spec']).template.metadata;
      assert.deepEqual(labels, ownLabels, name);
      for (const { kind, spec } of build as (Manifest & { spec?: Record<string, { matchLabels?: unknown }> })[]) {
        if (kind === 'Deployment' || kind === 'PodDisruptionBudget' || kind === 'ServiceMonitor')
          assert.deepEqual(spec?.['selector']?.matchLabels, ownLabels, `${name}: ${kind}`);
        if (kind === 'NetworkPolicy') assert.deepEqual(spec?.['podSelector']?.matchLabels, ownLabels, name);
        if (kind === 'Service') assert.deepEqual(spec?.['selector'], ownLabels, name);
      }
    });
  });

  test('manifests - in comes what reads metrics, out goes DNS, the bus, and HTTPS to public addresses', () => {
    each((build, name) => {
      const policies = build.filter(({ kind }) => kind === 'NetworkPolicy');
      assert.equal(policies.length, 1, name);
      const policy = networkPolicySchema.parse(policies[0]?.['spec']);
      assert.deepEqual(policy.policyTypes, ['Ingress', 'Egress'], name);
      assert.deepEqual(
        policy.ingress,
        [
          {
            from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
            ports: [{ protocol: 'TCP', port: 'metrics' }],
          },
        ],
        name,
      );
      assert.deepEqual(
        policy.egress.map(({ ports }) => ports.map(({ port }) => port)),
        name === 'dev' ? [[53, 53], [443]] : [[53, 53], [4223], [443]],
        name,
      );
      const [dns] = policy.egress;
      assert.deepEqual(dns?.to, [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ]);
      const https = policy.egress.at(-1);
      const blocks = https?.to.map((to) =>
        z.object({ cidr: z.string(), except: z.array(z.string()) }).parse(to['ipBlock']),
      );
      assert.deepEqual(
        blocks?.map(({ cidr }) => cidr),
        ['0.0.0.0/0', '::/0'],
        name,
      );
      for (const block of ['10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'])
        assert.ok(blocks?.[0]?.except.includes(block), `${name}: ${block}`);
      for (const { to } of policy.egress.slice(0, -1))
        for (const peer of to) assert.ok('podSelector' in peer, `${name}: without it, every pod of the namespace`);
    });
  });

  test('manifests - ports of agent, probes, policy and bus are the same ones', () => {
    eachPod((pod, name, build) => {
      const settings = agentSettings(build);
      const agent = pod.containers.find((container) => container.name === 'agent');
      assert.deepEqual(agent?.ports, [{ name: 'metrics', containerPort: Number(settings['Http__Port']) }], name);
      assert.equal(settings['Http__Host'], '0.0.0.0', name);
      assert.equal(new URL(settings['Nats__Url'] ?? '').port, '4223', name);
      for (const [probe, path] of [
        [agent.startupProbe, '/livez'],
        [agent.livenessProbe, '/livez'],
        [agent.readinessProbe, '/readyz'],
      ] as const)
        assert.deepEqual(probe?.httpGet, { path, port: 'metrics' }, name);
      // A lock that a lost node left on the volume counts for 30 s, in which the agent ends at once and is started again.
      assert.ok((agent.startupProbe?.failureThreshold ?? 0) * (agent.startupProbe?.periodSeconds ?? 0) >= 30, name);
    });
  });

  test('manifests - the pod is given longer to end than the agent takes at most', () => {
    const deadline = Number(/stopDeadlineMs = ([\d_]+);/.exec(read('agent/main.ts'))?.[1]?.replaceAll('_', ''));
    assert.ok(deadline > 1_000);
    eachPod((pod, name) => {
      assert.ok(pod.terminationGracePeriodSeconds * 1_000 >= deadline + 2_000, name);
    });
  });

  test('manifests - memory and heap fit each other and what was measured', () => {
    const measured = (what: RegExp): number => Number(what.exec(read('docs/performance.md'))?.[1]);
    const idle = measured(/memory idle with 10 connected servers +\| (\d+) MB/);
    const answers = Number(/limitBytes: (\d+) \* 1024 \* 1024/.exec(read('agent/bridge/answer-memory.ts'))?.[1]);
    const busy = measured(/memory after 64 callers at 1 kB +\| (\d+) MB/);
    eachPod((pod, name) => {
      const agent = pod.containers.find((container) => container.name === 'agent');
      const mebibytes = (text: string | undefined): number => Number(/^(\d+)Mi$/.exec(text ?? '')?.[1]);
      const heap = Number(/^--max-old-space-size=(\d+)$/.exec(agent?.env[0]?.value ?? '')?.[1]);
      const request = mebibytes(agent?.resources.requests.memory);
      const limit = mebibytes(agent?.resources.limits.memory);
      assert.ok(request > idle && request < 2 * idle, `${name}: ${request} Mi requested, ${idle} MB used`);
      assert.ok(limit > busy + answers, `${name}: limit ${limit} Mi, ${busy} MB used beside ${answers} MB of answers`);
      // Answers are outside of the heap for a part of their way; so are code, the young generation and buffers of sockets.
      assert.ok(limit - heap >= answers, `${name}: ${limit} Mi with a heap of ${heap} MB`);
    });
  });

  test('manifests - every container says what it needs and where it ends', () => {
    eachContainer(({ resources }, name) => {
      for (const kind of ['cpu', 'memory', 'ephemeral-storage'] as const) {
        assert.ok(resources.requests[kind], `${name}: ${kind}`);
        assert.ok(resources.limits[kind], `${name}: ${kind}`);
      }
    });
  });

  test('manifests - what holds evictions back is optional, and does not hold a pod that is of no use anyway', () => {
    for (const name of ['dev', 'prod'])
      assert.deepEqual(
        builds.get(name)?.filter(({ kind }) => kind === 'PodDisruptionBudget'),
        [],
        name,
      );
    const budget = builds.get('prod with components')?.find(({ kind }) => kind === 'PodDisruptionBudget');
    const spec = budget?.['spec'] as Record<string, unknown>;
    assert.equal(spec['maxUnavailable'], 0);
    assert.equal(spec['unhealthyPodEvictionPolicy'], 'AlwaysAllow');
  });

  test('manifests - the monitoring finds the agent under the job that the alert rules name', () => {
    const build = builds.get('prod with components') ?? [];
    const monitor = monitorSchema.parse(build.find(({ kind }) => kind === 'ServiceMonitor')?.['spec']);
    const service = build.find(({ kind }) => kind === 'Service');
    assert.equal(service?.metadata.labels?.[monitor.jobLabel], 'rockbot');
    assert.deepEqual(service.metadata.labels, ownLabels);
    assert.match(read('deploy/prometheus/rockbot.rules.yaml'), /up\{job="rockbot"\}/);
    const { ports } = service['spec'] as { ports: { name: string; targetPort: string }[] };
    assert.deepEqual(
      ports.map(({ name, targetPort }) => [name, targetPort]),
      [['metrics', 'metrics']],
    );
    assert.deepEqual(
      monitor.endpoints.map(({ port, path }) => [port, path]),
      [['metrics', '/metrics']],
    );
    const rule = build.find(({ kind }) => kind === 'PrometheusRule')?.['spec'];
    assert.deepEqual(rule, parse(read('deploy/prometheus/rockbot.rules.yaml')));
  });

  test('manifests - the image is the one of this version', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(read('package.json')));
    eachPod((pod, name) => {
      for (const { image, name: container } of [...pod.initContainers, ...pod.containers])
        if (container !== 'nats') assert.equal(image, `rockbot-agent:${version}`, name);
    });
  });
});

test('manifests - the alert rules for the Prometheus Operator are those of deploy/prometheus', () => {
  const rules = read('deploy/prometheus/rockbot.rules.yaml');
  const expected = `# deploy/prometheus/rockbot.rules.yaml as an object of the Prometheus Operator; a test keeps it equal and, with
# ROCKBOT_UPDATE_GOLDEN=1, writes it.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: rockbot-agent
spec:
${rules.slice(rules.indexOf('groups:')).replaceAll(/^(?=.)/gm, '  ')}`;
  const path = `${kubernetesFolder}/components/monitoring/prometheus-rule.yaml`;
  if (process.env['ROCKBOT_UPDATE_GOLDEN'] === '1') writeFileSync(path, expected);
  assert.equal(readFileSync(path, 'utf8'), expected);
});
