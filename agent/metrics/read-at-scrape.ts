// Metrics whose values are read when somebody asks for them, so that they cost nothing in between.
import { Counter, Gauge, type Registry } from 'prom-client';

interface Described {
  name: string;
  help: string;
}

export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** Undefined: there is no such series now. */
export function addGauge(registry: Registry, described: Described, read: () => number | undefined): void {
  registry.registerMetric(
    new Gauge({
      ...described,
      registers: [],
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    }),
  );
}

/** Series are those of the last reading. */
export function addLabelledGauge(
  registry: Registry,
  { labelNames, ...described }: Described & { labelNames: string[] },
  read: () => Sample[],
): void {
  registry.registerMetric(
    new Gauge({
      ...described,
      labelNames,
      registers: [],
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.set(labels, value);
      },
    }),
  );
}

/** `read`: the total so far. */
export function addCounter(registry: Registry, described: Described, read: () => number): void {
  registry.registerMetric(
    new Counter({
      ...described,
      registers: [],
      collect() {
        this.reset();
        this.inc(read());
      },
    }),
  );
}
