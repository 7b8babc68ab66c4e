// Finds variables in the spelling of other clients (`${env:NAME}`, `${input:name}`), which would be sent on as they stand.
import type { EntryProblem } from './entry-problem.ts';
import type { ServerEntry } from './server-entry.ts';

const foreign = /\$\{(env|input|command|config):([^{}]*)\}/g;

export function* findForeignVariables(entry: ServerEntry): Generator<EntryProblem> {
  const places =
    entry.type === 'stdio'
      ? [...named('args', entry.args), ...named('env', entry.env)]
      : [{ path: ['url'], text: entry.url }, ...named('headers', entry.headers)];
  for (const { path, text } of places) {
    if (!text.includes('${')) continue;
    for (const { 0: whole, 1: kind = '', 2: name = '', index } of text.matchAll(foreign)) {
      const meant = kind === 'env' && /^[A-Za-z_]\w{0,60}$/.test(name) ? name : 'NAME';
      yield {
        code: 'foreign-variable',
        path,
        span: { start: index, end: index + whole.length },
        text: `\${${kind}:…} is not known here: write \${${meant}}, a variable of the agent's environment`,
        restricts: false,
        ...(meant === 'NAME' ? {} : { meant }),
      };
    }
  }
}

function named(
  place: string,
  texts: readonly string[] | Readonly<Record<string, string>>,
): { path: (string | number)[]; text: string }[] {
  return Object.entries(texts).map(([key, text]) => ({
    path: [place, Array.isArray(texts) ? Number(key) : key],
    text,
  }));
}
