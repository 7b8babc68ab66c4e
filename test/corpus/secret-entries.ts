// Entries of mcp.json with a planted credential each. The credentials are made up as the tests run, in the forms that issuers give
// theirs: nothing of the kind stands in this file.
import { createRandom } from './random.ts';

const random = createRandom(20_261_123);
const digits = '0123456789';
const hexDigits = `${digits}abcdef`;
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = upper.toLowerCase();
const alnum = `${upper}${lower}${digits}`;
const base32 = `${upper}234567`;

const some = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[random(alphabet.length)]).join('');
const an = (length: number): string => `${some(upper, 1)}${some(lower, 1)}${some(digits, 1)}${some(alnum, length - 3)}`;
const hex = (length: number): string => some(hexDigits, length);
const uuid = (): string => [8, 4, 4, 4, 12].map(hex).join('-');
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (): string =>
  `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url({ sub: hex(8), exp: 1_900_000_000 })}.${an(86)}`;
const pem = (name: string): string => `-----BEGIN ${name}-----\n${an(64)}\n${an(40)}\n-----END ${name}-----\n`;

/** Forms of well-known issuers; each is planted once under a name that says nothing. */
const byForm: Readonly<Record<string, string>> = {
  'github classic': `ghp_${an(36)}`,
  'github oauth': `gho_${an(36)}`,
  'github app': `ghs_${an(36)}`,
  'github fine-grained': `github_pat_${an(22)}_${an(59)}`,
  gitlab: `glpat-${an(20)}`,
  'gitlab deploy': `gldt-${an(20)}`,
  'slack bot': `xoxb-${some(digits, 12)}-${some(digits, 13)}-${an(24)}`,
  'slack user': `xoxp-${some(digits, 12)}-${some(digits, 12)}-${some(digits, 12)}-${hex(32)}`,
  'slack app': `xapp-1-A${some(upper, 10)}-${some(digits, 13)}-${hex(64)}`,
  'slack webhook': `https://hooks.slack.com/services/T${some(upper, 8)}/B${some(upper, 8)}/${an(24)}`,
  'discord webhook': `https://discord.com/api/webhooks/${some(digits, 18)}/${an(68)}`,
  'discord bot': `M${an(25)}.${an(6)}.${an(38)}`,
  telegram: `${some(digits, 10)}:AA${an(33)}`,
  'openai project': `sk-proj-${an(48)}`,
  'openai service': `sk-svcacct-${an(48)}`,
  'openai classic': `sk-${an(48)}`,
  anthropic: `sk-ant-api03-${an(93)}`,
  openrouter: `sk-or-v1-${hex(64)}`,
  groq: `gsk_${an(52)}`,
  xai: `xai-${an(80)}`,
  perplexity: `pplx-${an(48)}`,
  huggingface: `hf_${an(34)}`,
  replicate: `r8_${an(37)}`,
  elevenlabs: `sk_${hex(48)}`,
  'aws access key': `AKIA${some(base32, 16)}`,
  'aws session key': `ASIA${some(base32, 16)}`,
  'google key': `AIza${an(35)}`,
  'google secret': `GOCSPX-${an(28)}`,
  'google access': `ya29.${an(60)}`,
  'entra secret': `${an(3)}8Q~${an(34)}`,
  'entra refresh': `1.A${an(60)}.${an(40)}`,
  'azure storage': `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${an(86)}==;EndpointSuffix=core.windows.net`,
  'service bus': `Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${an(43)}=`,
  'stripe live': `sk_live_${an(24)}`,
  'stripe test': `sk_test_${an(24)}`,
  'stripe restricted': `rk_live_${an(24)}`,
  'stripe webhook': `whsec_${an(32)}`,
  sendgrid: `SG.${an(22)}.${an(43)}`,
  twilio: `SK${hex(32)}`,
  mailgun: `key-${hex(32)}`,
  mailchimp: `${hex(32)}-us14`,
  npm: `npm_${an(36)}`,
  pypi: `pypi-AgEIcHlwaS5vcmc${an(120)}`,
  docker: `dckr_pat_${an(27)}`,
  notion: `ntn_${some(digits, 11)}${an(35)}`,
  linear: `lin_api_${an(40)}`,
  figma: `figd_${an(40)}`,
  airtable: `pat${an(14)}.${hex(64)}`,
  atlassian: `ATATT3xFfGF0${an(120)}=${some(`${digits}ABCDEF`, 8)}`,
  databricks: `dapi${hex(32)}`,
  grafana: `glsa_${an(32)}_${hex(8)}`,
  sentry: `sntryu_${hex(64)}`,
  'new relic': `NRAK-${some(`${upper}${digits}`, 27)}`,
  postman: `PMAK-${hex(24)}-${hex(34)}`,
  pulumi: `pul-${hex(40)}`,
  vault: `hvs.${an(90)}`,
  planetscale: `pscale_pw_${an(40)}`,
  'supabase token': `sbp_${hex(40)}`,
  'supabase secret': `sb_secret_${an(31)}`,
  'supabase service role': jwt(),
  neon: `napi_${an(60)}`,
  digitalocean: `dop_v1_${hex(64)}`,
  shopify: `shpat_${hex(32)}`,
  square: `sq0atp-${an(22)}`,
  hubspot: `pat-eu1-${uuid()}`,
  brave: `BSA${an(28)}`,
  tavily: `tvly-dev-${an(32)}`,
  firecrawl: `fc-${hex(32)}`,
  pinecone: `pcsk_${an(60)}`,
  langsmith: `lsv2_pt_${hex(32)}_${hex(10)}`,
  apify: `apify_api_${an(36)}`,
  resend: `re_${an(8)}_${an(24)}`,
  doppler: `dp.st.prd.${an(40)}`,
  'nkey seed': `SUA${some(base32, 55)}`,
  'nkey account seed': `SAA${some(base32, 55)}`,
  creds: pem('USER NKEY SEED'),
  'rsa key': pem('RSA PRIVATE KEY'),
  'ssh key': pem('OPENSSH PRIVATE KEY'),
  'service account': JSON.stringify({
    type: 'service_account',
    private_key_id: hex(40),
    private_key: pem('PRIVATE KEY'),
  }),
  'age key': `AGE-SECRET-KEY-1${some(`${upper}${digits}`, 58)}`,
  'hex of 32': hex(32),
  'random of 40': an(40),
  'bearer in a value': `Bearer ${an(40)}`,
  'basic in a value': `Basic ${Buffer.from(`ada:${an(12)}`).toString('base64')}`,
};

/** `value` is the part that must be underlined. */
export interface SecretEntry {
  what: string;
  entry: object;
  value: string;
}

const url = 'https://mcp.example/mcp';

function plant(what: string, value: string, entry: (value: string) => object): SecretEntry {
  return { what, value, entry: entry(value) };
}

const password = (): string => `${some(lower, 5)}${some(digits, 3)}!${some(upper, 3)}`;
const word = (): string => `${some(lower, 7)}${some(digits, 2)}`;

/** By name and place: the value itself says nothing. */
const byPlace: readonly SecretEntry[] = [
  plant('authorization', an(32), (value) => ({ url, headers: { Authorization: `Bearer ${value}` } })),
  plant('authorization in small letters', an(20), (value) => ({ url, headers: { authorization: `bearer ${value}` } })),
  plant('authorization without a scheme', word(), (value) => ({ url, headers: { Authorization: value } })),
  plant('authorization of another scheme', an(24), (value) => ({ url, headers: { Authorization: `Token ${value}` } })),
  plant('basic authorization', Buffer.from(`ada:${password()}`).toString('base64'), (value) => ({
    url,
    headers: { Authorization: `Basic ${value}` },
  })),
  plant('work iq', jwt(), (value) => ({
    url: 'https://workiq.svc.cloud.microsoft/mcp',
    headers: { Authorization: `Bearer ${value}` },
  })),
  plant('api key header', uuid(), (value) => ({ url, headers: { 'X-Api-Key': value } })),
  plant('api key header of a product', word(), (value) => ({ url, headers: { 'Contoso-Api-Key': value } })),
  plant('named like a variable', an(16), (value) => ({ url, headers: { CONTEXT7_API_KEY: value } })),
  plant('private token', word(), (value) => ({ url, headers: { 'PRIVATE-TOKEN': value } })),
  plant('subscription key', hex(32), (value) => ({ url, headers: { 'Ocp-Apim-Subscription-Key': value } })),
  plant('cookie', hex(24), (value) => ({ url, headers: { Cookie: `session=${value}` } })),
  plant('auth header', word(), (value) => ({ url, headers: { 'X-Auth-Token': value } })),
  plant('functions key', an(54), (value) => ({ url, headers: { 'x-functions-key': value } })),
  plant('query token', word(), (value) => ({ url: `${url}?token=${value}` })),
  plant('query key in camel case', uuid(), (value) => ({ url: `${url}?v=1&exaApiKey=${value}` })),
  plant('query signature', an(43), (value) => ({ url: `${url}?sv=2024-11-04&sig=${value}%3D` })),
  plant('query code', an(54), (value) => ({
    url: `https://contoso.azurewebsites.net/runtime/webhooks/mcp?code=${value}==`,
  })),
  plant('fragment', an(30), (value) => ({ url: `${url}#access_token=${value}` })),
  plant('path', an(32), (value) => ({ url: `https://mcp.example/api/mcp/s/${value}/mcp` })),
  plant('hexadecimal path', hex(40), (value) => ({ url: `https://mcp.example/${value}/sse` })),
  plant('login in the url', password(), (value) => ({ url: `https://ada:${value.replace('!', '')}@mcp.example/mcp` })),
  plant('token as a user', an(20), (value) => ({ url: `https://${value}@mcp.example/mcp` })),
  plant('env token', word(), (value) => ({ command: 'x', env: { GITHUB_TOKEN: value } })),
  plant('env password', password(), (value) => ({ command: 'x', env: { DB_PASSWORD: value } })),
  plant('env secret', word(), (value) => ({ command: 'x', env: { APP_CLIENT_SECRET: value } })),
  plant('env key', uuid(), (value) => ({ command: 'x', env: { EXA_API_KEY: value } })),
  plant('env camel case', word(), (value) => ({ command: 'x', env: { accessToken: value } })),
  plant('env aws secret', an(40), (value) => ({ command: 'x', env: { AWS_SECRET_ACCESS_KEY: value } })),
  plant('env pass', password(), (value) => ({ command: 'x', env: { SMTP_PASS: value } })),
  plant('env pat', an(52), (value) => ({ command: 'x', env: { AZURE_DEVOPS_PAT: value } })),
  plant('env passphrase', 'correct horse battery staple', (value) => ({
    command: 'x',
    env: { KEY_PASSPHRASE: value },
  })),
  plant('env digits', some(digits, 10), (value) => ({ command: 'x', env: { GITHUB_PERSONAL_ACCESS_TOKEN: value } })),
  plant('env default password', 'postgres', (value) => ({
    command: 'x',
    env: { PGPASSWORD: value, POSTGRES_PASSWORD: value },
  })),
  plant('env database url', password(), (value) => ({
    command: 'x',
    env: { DATABASE_URL: `postgresql://app:${value}@db.internal:5432/orders` },
  })),
  plant('env mongo url', password(), (value) => ({
    command: 'x',
    env: { MDB_MCP_CONNECTION_STRING: `mongodb+srv://app:${value}@c0.example.net/orders` },
  })),
  plant('env redis url without a user', word(), (value) => ({
    command: 'x',
    env: { REDIS_URL: `redis://:${value}@cache.internal:6379` },
  })),
  plant('env amqp url', password(), (value) => ({
    command: 'x',
    env: { BROKER: `amqps://app:${value}@mq.internal/v` },
  })),
  plant('env sql connection', password(), (value) => ({
    command: 'x',
    env: { SQL: `Server=db;Database=o;User Id=sa;Password=${value};Encrypt=True` },
  })),
  plant('env odbc connection', password(), (value) => ({
    command: 'x',
    env: { ODBC: `Driver={X};Server=db;Uid=sa;Pwd=${value};` },
  })),
  plant('env json headers', an(40), (value) => ({
    command: 'x',
    env: { OPENAPI_MCP_HEADERS: JSON.stringify({ Authorization: `Bearer ${value}`, Version: '1' }) },
  })),
  plant('env json key', word(), (value) => ({
    command: 'x',
    env: { SETTINGS: JSON.stringify({ region: 'eu', apiKey: value }) },
  })),
  plant('flag and value', word(), (value) => ({ command: 'npx', args: ['-y', 'x', '--api-key', value] })),
  plant('flag with equals', word(), (value) => ({ command: 'npx', args: ['-y', 'x', `--access-token=${value}`] })),
  plant('flag for a password', password(), (value) => ({
    command: 'uvx',
    args: ['x', '--username', 'neo4j', '--password', value],
  })),
  plant('connection argument', password(), (value) => ({
    command: 'npx',
    args: ['-y', 'pg', `postgresql://app:${value}@db.internal/orders`],
  })),
  plant('docker variable', word(), (value) => ({
    command: 'docker',
    args: ['run', '-e', `API_TOKEN=${value}`, 'mcp/x'],
  })),
  plant('docker variable joined', password(), (value) => ({
    command: 'docker',
    args: ['run', `--env=DB_PASSWORD=${value}`, 'mcp/x'],
  })),
  plant('header argument', an(30), (value) => ({
    command: 'npx',
    args: ['mcp-remote', url, '--header', `Authorization: Bearer ${value}`],
  })),
  plant('key header argument', word(), (value) => ({
    command: 'npx',
    args: ['mcp-remote', url, '--header', `X-Api-Key:${value}`],
  })),
  plant('address argument', uuid(), (value) => ({ command: 'npx', args: ['mcp-remote', `${url}?api_key=${value}`] })),
  plant('curl login', password(), (value) => ({ command: 'curl', args: ['-u', `ada:${value}`, url] })),
  plant('shell line', word(), (value) => ({ command: 'sh', args: ['-c', `API_TOKEN=${value} npx -y x`] })),
  plant('shell export', an(24), (value) => ({
    command: 'bash',
    args: ['-lc', `export OPENAI_API_KEY="${value}" && npx -y x`],
  })),
  plant('command line', word(), (value) => ({ command: `npx -y x --token ${value}` })),
  plant('random argument', an(40), (value) => ({ command: 'npx', args: ['-y', 'x', value] })),
  plant('unknown member', word(), (value) => ({ url, apiKey: value })),
  plant('nested member', word(), (value) => ({ url, requestInit: { headers: { token: value } } })),
  plant('member of auth', word(), (value) => ({ url, auth: { profile: 'workiq', clientSecret: value } })),
  plant('headers of a command', an(30), (value) => ({ command: 'x', headers: { Authorization: `Bearer ${value}` } })),
  plant('env of an address', word(), (value) => ({ url, env: { API_TOKEN: value } })),
  plant('beside a variable', an(24), (value) => ({ url, headers: { 'X-Api-Key': `${value}\${SUFFIX}` } })),
  // What names and forms cannot tell.
  plant('a word under a harmless name', word(), (value) => ({ command: 'x', env: { GREETING: value } })),
  plant('a uuid under a harmless name', uuid(), (value) => ({ command: 'x', env: { WORKSPACE: value } })),
  plant('a name in another language', word(), (value) => ({ command: 'x', env: { KENNWORT: value } })),
  plant('a word in the path', word(), (value) => ({ url: `https://mcp.example/${value}/mcp` })),
  plant('a positional word', word(), (value) => ({ command: 'npx', args: ['-y', 'x', value] })),
  plant('a placeholder that is meant', 'changeme', (value) => ({ command: 'x', env: { DB_PASSWORD: value } })),
  plant('a password that is called password', 'password', (value) => ({ command: 'x', env: { DB_PASSWORD: value } })),
  plant('a short flag', word(), (value) => ({ command: 'mysql-mcp', args: [`-p${value}`] })),
];

export const secretEntries: readonly SecretEntry[] = [
  ...Object.entries(byForm).map(([what, value]) =>
    plant(what, value, (secret) => ({ command: 'x', env: { VALUE: secret } })),
  ),
  ...byPlace,
];
