// Section "language": what the language server computes of an mcp.json of 5,000 lines after each keystroke.
import { completion } from '../../extension/language/completion.ts';
import { hover } from '../../extension/language/hover.ts';
import type { LanguageContext } from '../../extension/language/language-context.ts';
import { parseMcpDocument } from '../../extension/language/mcp-document.ts';
import { sampleContext } from '../support/language-samples.ts';
import { median, quartiles, type Measure } from './measure.ts';

const lines = 5_000;
const linesOfServer = 10;
/** Rounds that are not measured: a server that runs for a while has its code compiled. */
const warmUp = 20;

/** A server with everything that features look at. */
function serverText(index: number): string {
  return `    "server${index}": {
      // The server number ${index}.
      "type": "http",
      "url": "https://server${index}.example/tenants/\${WORKIQ_TENANT_ID}/mcp",
      "headers": { "X-Api-Key": "\${KEY_${index}}" },
      "guards": { "preset": "no-send", "deny": ["do_action **/sendMail"] },
      "allowedTools": ["fetch", "search_*"],
      "auth": { "profile": "workiq" },
      "timeoutMs": 60000
    }`;
}

function fileText(): string {
  const servers = Array.from({ length: lines / linesOfServer }, (_, index) => serverText(index));
  return `{\n  "mcpServers": {\n${servers.join(',\n')}\n  }\n}\n`;
}

/** An agent with as many servers as the file. */
function contextOf(): LanguageContext {
  const { agent } = sampleContext;
  const [first] = agent?.servers ?? [];
  if (agent === undefined || first === undefined) throw new Error('The sample has no server.');
  const servers = Array.from({ length: lines / linesOfServer }, (_, index) => ({ ...first, name: `server${index}` }));
  return { agent: { ...agent, servers } };
}

export async function measureLanguage({ rounds }: { rounds: number }): Promise<Measure[]> {
  const text = fileText();
  const context = contextOf();
  const places = {
    tools: text.lastIndexOf('"search_*"') + 3,
    keys: text.lastIndexOf('"timeoutMs"'),
    servers: text.lastIndexOf('"server') - 1,
    variables: text.lastIndexOf('${KEY_') + 4,
  };
  const took: Record<string, number[]> = { parse: [], hover: [] };
  for (let round = 0; round < rounds + warmUp; round++) {
    for (const [place, at] of Object.entries(places)) {
      // Every keystroke makes a version that nobody has parsed yet.
      const typed = `${text}${' '.repeat(round)}`;
      const started = performance.now();
      const document = parseMcpDocument({ uri: 'file:///agent/mcp.json', version: round, text: typed });
      const parsed = performance.now();
      const position = document.text.positionAt(at);
      const items = await completion(document, context, { position });
      const completed = performance.now();
      await hover(document, context, { position });
      if (items.length === 0) throw new Error(`Nothing was offered for ${place}.`);
      if (round < warmUp) continue;
      took['parse']?.push(parsed - started);
      (took[place] ??= []).push(completed - started);
      took['hover']?.push(performance.now() - completed);
    }
  }
  const measure = (id: string, title: string, target?: Measure['target']): Measure => ({
    id: `language.${id}`,
    title,
    value: median(took[id] ?? []),
    spread: quartiles(took[id] ?? []),
    unit: 'ms',
    ...(target !== undefined && { target }),
  });
  return [
    measure('parse', `mcp.json of ${lines.toLocaleString('en')} lines, parsed`),
    ...Object.keys(places).map((place) => measure(place, `The same, parsed and completed (${place})`, { atMost: 20 })),
    measure('hover', 'The same, hover'),
  ];
}
