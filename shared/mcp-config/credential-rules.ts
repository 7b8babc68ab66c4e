// Finds credentials that stand in mcp.json as plain text, where none may ever stand (promise S3).
import { hasPlaceholder, withoutPlaceholders } from './expand-variables.ts';
import { redact } from '../redaction.ts';
import type { ServerEntry } from './server-entry.ts';

const credentialHeader =
  /^(?:authorization|proxy-authorization|cookie|x-api-key|api-key|apikey|ocp-apim-subscription-key|(?:.+-)?(?:token|secret|password)|x-.*key)$/i;
/** Words of a name that mean a credential: `GITHUB_TOKEN`, `apiKey`; not `MAX_TOKENS`. */
const credentialWords =
  /(?:^|_)(?:[a-z]*token|secret|passw(?:or)?d|pat|pwd|api_?key|credentials?|(?:private|access|account|secret)_?key|connection_?string)(?:_|$)/i;
/** Names that end like this say where a credential is, or something about it, and do not hold it. */
const aboutCredential = /_(?:file|path|dir|name|id|url|uri|endpoint|type|ttl|expiry|env|count|limit)$/i;
const credentialQuery = /[?&](?:access_token|token|code|api_?key|key|sig|signature|secret|password)=([^&#]+)/gi;

/** One sentence per finding, naming the place but never the value. */
export function findCredentials(entry: ServerEntry): string[] {
  return entry.type === 'stdio'
    ? [...findInEnvironment(entry.env), ...findInArguments(entry.args)]
    : [...findInHeaders(entry.headers), ...findInUrl(entry.url)];
}

const useVariable = 'put it into an environment variable of the agent and write ${NAME} here';

function* findInHeaders(headers: Readonly<Record<string, string>>): Generator<string> {
  for (const [name, value] of Object.entries(headers)) {
    const isNamedSo = credentialHeader.test(name) && value !== '' && !hasPlaceholder(value);
    if (isNamedSo || looksLikeCredential(value)) {
      const hint = /^authorization$/i.test(name) ? 'use "auth": { "profile": "workiq" }, or ' : '';
      yield `headers.${name} holds a credential: ${hint}${useVariable}`;
    }
  }
}

function* findInUrl(url: string): Generator<string> {
  const values = [...url.matchAll(credentialQuery)].map(([, value = '']) => value);
  if (values.some((value) => !hasPlaceholder(value))) yield `url holds a credential in its query: ${useVariable}`;
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(url)) yield 'url holds a user name or password before "@": remove it';
}

function* findInEnvironment(env: Readonly<Record<string, string>>): Generator<string> {
  for (const [name, value] of Object.entries(env)) {
    const isNamedSo = isCredentialName(name) && value !== '' && !hasPlaceholder(value);
    if (isNamedSo || looksLikeCredential(value)) yield `env.${name} holds a credential: ${useVariable}`;
  }
}

function* findInArguments(args: readonly string[]): Generator<string> {
  for (const [index, value] of args.entries()) {
    const previous = flag.exec(args[index - 1] ?? '');
    // `--token value` and `--token=value`
    const own = flag.exec(value);
    const name = own === null ? previous : own;
    const given = own === null ? value : (own[2] ?? '');
    const isFollowing = own === null && previous !== null && previous[2] === undefined;
    const isNamedSo =
      (own !== null || isFollowing) && isCredentialName(name?.[1] ?? '') && given !== '' && !hasPlaceholder(given);
    if (isNamedSo || looksLikeCredential(value)) yield `args[${index}] holds a credential: ${useVariable}`;
  }
}

const flag = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s;

function isCredentialName(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_');
  return credentialWords.test(words) && !aboutCredential.test(words);
}

/** What stands there beside the values taken from the environment. */
function looksLikeCredential(value: string): boolean {
  const written = withoutPlaceholders(value);
  return redact(written) !== written;
}
