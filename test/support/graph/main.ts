// A stand-in for the Azure CLI: `az rest` against a directory kept in the file that ROCKBOT_TEST_DIRECTORY names, with az's way of printing
// and failing. Anything else that az can do is an error here.
import { readFileSync, writeFileSync } from 'node:fs';
import { search, type JSONValue } from '@jmespath-community/jmespath';
import { parseArgs } from 'node:util';
import { answerGraph, directorySchema } from './graph-directory.ts';

const reasons: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

const {
  values,
  positionals: [command, ...others],
} = parseArgs({
  allowPositionals: true,
  options: {
    method: { type: 'string' },
    url: { type: 'string' },
    body: { type: 'string' },
    query: { type: 'string' },
    output: { type: 'string' },
    'only-show-errors': { type: 'boolean' },
  },
});
const { method = 'GET', url = '', body, query, output } = values;
const prefix = 'https://graph.microsoft.com/v1.0';
if (command !== 'rest' || others.length > 0 || output !== 'tsv' || query === undefined || !url.startsWith(prefix))
  end(`ERROR: az is not called like this: ${process.argv.slice(2).join(' ')}`, 2);

const file = process.env['ROCKBOT_TEST_DIRECTORY'] ?? '';
const directory = directorySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
if (directory.role === 'none') end("ERROR: Please run 'az login' to setup account.", 1);
const answer = answerGraph(directory, {
  method,
  path: url.slice(prefix.length),
  ...(body !== undefined && { body: JSON.parse(body) }),
});
writeFileSync(file, JSON.stringify(directory));
if (answer.status >= 400) end(`ERROR: ${reasons[answer.status] ?? ''}(${JSON.stringify(answer.body)})`, 1);
if (answer.body !== undefined) process.stdout.write(toTsv(search(answer.body as JSONValue, query)));

/** As az prints it: one line for each item; only text and numbers are asked for. */
function toTsv(found: unknown): string {
  if (found === null) return '';
  const rows: unknown[] = Array.isArray(found) ? found : [found];
  return rows
    .map((row) => {
      if (typeof row !== 'string' && typeof row !== 'number')
        throw new TypeError(`az would not print this as one text: ${JSON.stringify(row)}`);
      return `${row}\n`;
    })
    .join('');
}

function end(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
