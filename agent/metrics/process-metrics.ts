// Metrics of the process under the names that Prometheus clients commonly use. Nothing is measured between two scrapes.
import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { addCounter, addGauge } from './read-at-scrape.ts';

export function addProcessMetrics(registry: Registry): void {
  addGauge(registry, { name: 'process_resident_memory_bytes', help: 'Resident memory in bytes.' }, () =>
    process.memoryUsage.rss(),
  );
  addGauge(
    registry,
    { name: 'nodejs_heap_size_used_bytes', help: 'Used heap of Node.js in bytes.' },
    () => process.memoryUsage().heapUsed,
  );
  addGauge(
    registry,
    { name: 'process_start_time_seconds', help: 'Start of the process in seconds since the epoch.' },
    () => Math.round(performance.timeOrigin / 1000),
  );
  addGauge(registry, { name: 'process_open_fds', help: 'Open file descriptors; on Linux only.' }, openFiles);
  addCounter(registry, { name: 'process_cpu_seconds_total', help: 'User and system CPU time in seconds.' }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  addCounter(
    registry,
    {
      name: 'nodejs_eventloop_active_seconds_total',
      help: 'Time in which the event loop was busy; its rate is the utilisation of the one thread.',
    },
    () => performance.eventLoopUtilization().active / 1000,
  );
}

function openFiles(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
