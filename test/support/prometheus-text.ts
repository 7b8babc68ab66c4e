// A strict reader of the Prometheus text format 0.0.4: what it cannot account for is an error.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/

export interface PrometheusSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface PrometheusMetrics {
  /** Of all samples, also of the buckets of histograms. */
  samples: PrometheusSample[];
  types: Map<string, string>;
  /** Value of the one series with that name and at least these labels; undefined when there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const labelPattern = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/;
const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/** Throws for a line that is none, a sample without its TYPE, a series that comes twice, and a value that is no number. */
export function parsePrometheusText(text: string): PrometheusMetrics {
  const types = new Map<string, string>();
  const helps = new Set<string>();
  const samples: PrometheusSample[] = [];
  const seen = new Set<string>();
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (helps.has(about)) throw new Error(`${about} has two HELP lines`);
      helps.add(about);
    } else if (kind === 'TYPE') {
      if (types.has(about)) throw new Error(`${about} has two TYPE lines`);
      if (!/^(?:counter|gauge|histogram)$/.test(rest)) throw new Error(`${about} is of type ${rest}`);
      types.set(about, rest);
    } else if (line !== '') {
      const sample = parseSample(line);
      const family = types.has(sample.name) ? sample.name : sample.name.replace(/_(?:bucket|sum|count)$/, '');
      if (!types.has(family) || !helps.has(family)) throw new Error(`${sample.name} was not announced`);
      if (types.get(family) === 'counter' && !(sample.value >= 0)) throw new Error(`a counter is negative: ${line}`);
      const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(series)) throw new Error(`a series comes twice: ${line}`);
      seen.add(series);
      samples.push(sample);
    }
  }
  return {
    samples,
    types,
    value(name, labels = {}) {
      const found = samples.filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
      if (found.length > 1) throw new Error(`${name} has ${found.length} such series`);
      return found[0]?.value;
    },
  };
}

function parseSample(line: string): PrometheusSample {
  const [, name, labelText = '', valueText] = samplePattern.exec(line) ?? [];
  if (name === undefined || valueText === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = labelText; rest !== '';) {
    const [whole, label, value] = labelPattern.exec(rest) ?? [];
    if (whole === undefined || label === undefined || value === undefined) throw new Error(`no label: ${rest}`);
    if (Object.hasOwn(labels, label)) throw new Error(`a label comes twice: ${line}`);
    labels[label] = value.replaceAll(/\\./g, (escape) => escapes[escape] ?? escape);
    rest = rest.slice(whole.length);
  }
  const value = { '+Inf': Infinity, '-Inf': -Infinity, Nan: Number.NaN }[valueText] ?? Number(valueText);
  if (Number.isNaN(value) && valueText !== 'Nan') throw new Error(`no value: ${line}`);
  return { name, labels, value };
}
