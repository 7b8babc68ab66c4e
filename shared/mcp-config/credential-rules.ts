// Finds credentials that stand in mcp.json as plain text, where none may ever stand (promise S3).
import { hasPlaceholder } from './expand-variables.ts';
import { redact } from '../redaction.ts';
import type { ServerEntry } from './server-entry.ts';

const credentialHeader =
  /^(?:authorization|proxy-authorization|cookie|x-api-key|api-key|apikey|ocp-apim-subscription-key|x-.*(?:token|secret|key|password))$/i;
const credentialName = /(?:token|secret|passw(?:or)?d|api_?key|credential|private_?key|connection_?string)/i;
const credentialQuery = /[?&](?:access_token|token|code|api_?key|key|sig|signature|secret|password)=([^&#]+)/i;

/** One sentence per finding, naming the place but never the value. */
export function findCredentials(entry: ServerEntry): string[] {
  return entry.type === 'stdio'
    ? [...findInEnvironment(entry.env), ...findInArguments(entry.args)]
    : [...findInHeaders(entry.headers), ...findInUrl(entry.url)];
}

const useVariable = 'put it into an environment variable of the agent and write ${NAME} here';

function* findInHeaders(headers: Readonly<Record<string, string>>): Generator<string> {
  for (const [name, value] of Object.entries(headers)) {
    if (hasPlaceholder(value) || value === '') continue;
    if (credentialHeader.test(name) || redact(value) !== value) {
      const hint = /^authorization$/i.test(name) ? 'use "auth": { "profile": "workiq" }, or ' : '';
      yield `headers.${name} holds a credential: ${hint}${useVariable}`;
    }
  }
}

function* findInUrl(url: string): Generator<string> {
  const query = credentialQuery.exec(url)?.[1];
  if (query !== undefined && !hasPlaceholder(query)) yield `url holds a credential in its query: ${useVariable}`;
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(url)) yield 'url holds a user name or password before "@": remove it';
}

function* findInEnvironment(env: Readonly<Record<string, string>>): Generator<string> {
  for (const [name, value] of Object.entries(env)) {
    if (value === '' || hasPlaceholder(value)) continue;
    if (credentialName.test(name) || redact(value) !== value) yield `env.${name} holds a credential: ${useVariable}`;
  }
}

function* findInArguments(args: readonly string[]): Generator<string> {
  for (const [index, value] of args.entries()) {
    if (!hasPlaceholder(value) && redact(value) !== value) yield `args[${index}] holds a credential: ${useVariable}`;
  }
}
