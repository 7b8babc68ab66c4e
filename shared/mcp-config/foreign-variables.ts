// Finds variables in the spelling of other clients (`${env:NAME}`, `${input:name}`), which would be sent on as they stand.
import type { ServerEntry } from './server-entry.ts';

const foreign = /\$\{(env|input|command|config):([^{}]*)\}/;

/** One sentence per finding. */
export function* findForeignVariables(entry: ServerEntry): Generator<string> {
  const places =
    entry.type === 'stdio'
      ? { ...named('args', entry.args), ...named('env', entry.env) }
      : { url: entry.url, ...named('headers', entry.headers) };
  for (const [place, text] of Object.entries(places)) {
    const [, kind = '', name = ''] = foreign.exec(text) ?? [];
    if (kind === '') continue;
    const meant = kind === 'env' && /^[A-Za-z_]\w{0,60}$/.test(name) ? name : 'NAME';
    yield `${place} uses \${${kind}:…}, which is not known here: write \${${meant}}, a variable of the agent's environment`;
  }
}

function named(place: string, texts: readonly string[] | Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [Array.isArray(texts) ? `${place}[${key}]` : `${place}.${key}`, text]),
  );
}
