// Section "language": what validating an mcp.json of 5,000 lines costs when it is opened, and after a keystroke.
import { diagnose } from '../../extension/language/diagnostics.ts';
import { parseMcpDocument } from '../../extension/language/mcp-document.ts';
import { cleanEntries } from '../corpus/clean-entries.ts';
import { ruleContext } from '../corpus/rule-cases.ts';
import { median, quartiles, type Measure } from './measure.ts';

const lines = 5_000;
/** Rounds that are not measured: a server that runs for a while has its code compiled. */
const warmUp = 20;

/** Entries as people write them, `salt` in each. */
function fileText(salt: string): string {
  const servers: Record<string, object> = {};
  let count = 0;
  for (let copy = 0; count < lines; copy++)
    for (const [server, entry] of cleanEntries) {
      if (count >= lines) break;
      servers[`${server}-${copy}${salt}`] = entry;
      count += JSON.stringify(entry, undefined, 2).split('\n').length;
    }
  return JSON.stringify({ mcpServers: servers }, undefined, 2);
}

export function measureValidation({ rounds }: { rounds: number }): Measure[] {
  const opened: number[] = [];
  const typed: number[] = [];
  for (let round = 0; round < rounds + warmUp; round++) {
    // Nothing that was looked at before stands in it.
    const text = fileText(`-${round}`);
    const file = {};
    const first = timeOf(text, { version: 1, file });
    const second = timeOf(text.replace('"--rm"', '"--rm", "-t"'), { version: 2, file });
    if (round < warmUp) continue;
    opened.push(first);
    typed.push(second);
  }
  const measure = (id: string, title: string, took: readonly number[]): Measure => ({
    id: `language.${id}`,
    title,
    value: median(took),
    spread: quartiles(took),
    unit: 'ms',
    target: { atMost: 50 },
  });
  return [
    measure(
      'validateOpened',
      `mcp.json of ${lines.toLocaleString('en')} lines, parsed and validated when opened`,
      opened,
    ),
    measure('validateTyped', 'The same after a keystroke', typed),
  ];
}

function timeOf(text: string, of: { version: number; file: object }): number {
  const started = performance.now();
  const document = parseMcpDocument({ uri: 'file:///agent/mcp.json', ...of, text });
  const found = diagnose(document, ruleContext);
  if (found.length === 0) throw new Error('Nothing was found, so that nothing was measured.');
  return performance.now() - started;
}
