// Checks a manifest against the schema of its kind. The schemas take members that they do not know, and the API server drops such; a
// misspelt restriction must not pass, so whatever the schema has not looked at counts as unknown.
import { PrometheusRule, ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Namespace, PersistentVolumeClaim, Service, ServiceAccount } from 'kubernetes-models/v1';
import type { Manifest } from './kustomize.ts';

/** By API version and kind; a kind that is not here has no place in the manifests. */
const models = new Map<string, new (data?: never) => { validate(): void }>(
  [
    ConfigMap,
    Deployment,
    Namespace,
    NetworkPolicy,
    PersistentVolumeClaim,
    PodDisruptionBudget,
    PrometheusRule,
    Service,
    ServiceAccount,
    ServiceMonitor,
  ].map((model) => [`${model.apiVersion} ${model.kind}`, model]),
);

/** What is wrong with it, in the words of the schema; empty when all is well. */
export function schemaProblems(manifest: Manifest): string[] {
  const Model = models.get(`${manifest.apiVersion} ${manifest.kind}`);
  if (Model === undefined) return [`${manifest.apiVersion} ${manifest.kind} is no kind that is expected here`];
  const looked = new Set<string>();
  const model = watched(new Model(manifest as never), '', looked);
  const problems: string[] = [];
  try {
    model.validate();
  } catch (error) {
    problems.push((error as Error).message);
  }
  return [...problems, ...unlookedAt(manifest, '', looked)];
}

/** The same object; paths of members that somebody reads are added to `looked`. */
function watched<T extends object>(value: T, path: string, looked: Set<string>): T {
  return new Proxy(value, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof name === 'symbol' || typeof member === 'function') return member;
      looked.add(`${path}/${name}`);
      return typeof member === 'object' && member !== null ? watched(member, `${path}/${name}`, looked) : member;
    },
  });
}

function unlookedAt(value: unknown, path: string, looked: ReadonlySet<string>): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = `${path}/${name}`;
    return looked.has(own) ? unlookedAt(member, own, looked) : [`${own} is unknown`];
  });
}
