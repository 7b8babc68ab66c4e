// The forms by which credentials of well-known issuers say what they are; it knows neither names nor places.

export type CredentialKind =
  | 'bearer'
  | 'basic'
  | 'jwt'
  | 'private_key'
  | 'nkey_seed'
  | 'provider_key'
  | 'client_secret'
  | 'refresh_token'
  | 'webhook'
  | 'url_password'
  | 'assigned'
  | 'named'
  | 'opaque';

export interface CredentialPattern {
  kind: CredentialKind;
  /** For people, after "looks like". */
  what: string;
  /** With the flag `g`. The group `secret` is the credential itself; without it the whole match is. */
  pattern: RegExp;
}

function key(what: string, pattern: RegExp): CredentialPattern {
  return { kind: 'provider_key', what, pattern };
}

/** Repetitions are bounded or start at a boundary, so that hostile text costs no more than linear time. The first that matches wins. */
export const credentialPatterns: readonly CredentialPattern[] = [
  {
    kind: 'nkey_seed',
    what: 'an nkey seed',
    pattern: /-----BEGIN [A-Z ]{0,20}NKEY SEED-----[\s\S]*?(?:-----END [^-]{1,40}-----|$)|\bS[OAUNCX][A-Z2-7]{50,}\b/g,
  },
  {
    kind: 'private_key',
    what: 'a private key',
    pattern:
      /-----BEGIN (?!CERTIFICATE|PUBLIC)[^-]{1,40}-----[\s\S]*?(?:-----END [^-]{1,40}-----|$)|AGE-SECRET-KEY-1[A-Z0-9]{50,}/g,
  },
  { kind: 'jwt', what: 'a JSON web token', pattern: /\beyJ[\w-]{10,4096}\.[\w-]*(?:\.[\w-]*){1,3}/g },
  {
    kind: 'refresh_token',
    what: 'a refresh token',
    pattern: /\b(?:[01]\.A[\w-]{20,}|M\.[CR]\d?[\w.!*-]{20,})[\w.-]*|\b1\/\/0[\w-]{20,}/g,
  },
  // Three characters, a digit, "Q~", and 31 to 34 more.
  {
    kind: 'client_secret',
    what: 'a client secret of Microsoft Entra',
    pattern: /(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/g,
  },
  { kind: 'client_secret', what: 'a client secret of Google', pattern: /\bGOCSPX-[\w-]{20,}/g },
  {
    kind: 'webhook',
    what: 'the address of a webhook, which is a credential',
    pattern:
      /https:\/\/(?:hooks\.slack\.com\/(?:services|workflows)\/[\w/]{20,}|(?:ptb\.|canary\.)?discord(?:app)?\.com\/api\/webhooks\/\d{10,}\/[\w-]{20,}|[\w-]{1,63}\.webhook\.office\.com\/webhookb2\/[\w@/-]{20,})/g,
  },
  key('a GitHub token', /\b(?:gh[pousr]_|github_pat_)\w{16,}/g),
  key('a GitLab token', /\bgl(?:pat|ptt|dt|rt|cbt|imt|ft|soat|agent)-[\w-]{10,}/g),
  key('an npm token', /\bnpm_\w{16,}/g),
  key('a PyPI token', /\bpypi-[\w-]{40,}/g),
  key('a Docker token', /\bdckr_(?:pat|oat)_[\w-]{20,}/g),
  key('a Slack token', /\b(?:xox[a-z]-|xapp-)[\w-]{10,}/g),
  key('a Stripe key', /\b(?:(?:sk|rk)_(?:live|test)_\w{10,}|whsec_[\w+/=]{20,})/g),
  key('an Anthropic key', /\bsk-ant-[\w-]{6,}/g),
  key('an OpenRouter key', /\bsk-or-[\w-]{6,}/g),
  key('an OpenAI key', /\bsk-(?:proj|svcacct|admin)-[\w-]{6,}/g),
  key('an API key', /\b(?:sk|rk)[-_](?:live|test|proj|ant|svcacct|or|admin)[-_][\w-]{6,}|\bsk-lf-[\w-]{20,}/g),
  key('an OpenAI key', /\bsk-(?=[\w-]{0,64}\d)[\w-]{20,}/g),
  key('an ElevenLabs key', /\bsk_[0-9a-f]{40,}\b/g),
  key('a Hugging Face token', /\bhf_\w{16,}/g),
  key('a Groq key', /\bgsk_\w{30,}/g),
  key('an xAI key', /\bxai-\w{30,}/g),
  key('a Perplexity key', /\bpplx-\w{20,}/g),
  key('a Replicate token', /\br8_\w{20,}/g),
  key('an AWS access key', /\b(?:AKIA|ASIA|ABIA)[A-Z0-9]{12,}\b/g),
  key('a Google API key', /\bAIza[\w-]{30,}/g),
  key('a Google access token', /\bya29\.[\w-]{20,}/g),
  key('an Azure key', /\b[A-Za-z0-9]{52}(?:JQQJ9|AACC|AAAB)[A-Za-z0-9]{20,28}\b/g),
  key('a SendGrid key', /\bSG\.[\w-]{16,}\.[\w-]{16,}/g),
  key('a Twilio key', /\bSK[0-9a-f]{32}\b/g),
  key('a Mailgun key', /\bkey-[0-9a-f]{32}\b/g),
  key('a Mailchimp key', /\b[0-9a-f]{32}-us\d{1,2}\b/g),
  key('a Telegram bot token', /(?<![\w-])\d{8,10}:[A-Za-z0-9_-]{35}(?![\w-])/g),
  key('a Discord bot token', /\b[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,}/g),
  key('a Linear key', /\blin_(?:api|oauth)_\w{20,}/g),
  key('a Notion token', /\bntn_\w{20,}|\bsecret_(?=\w{0,42}\d)[A-Za-z0-9]{43}\b/g),
  key('a Figma token', /\bfig[dup]_[\w-]{20,}/g),
  key('an Airtable token', /\bpat[A-Za-z0-9]{14}\.[0-9a-f]{40,}/g),
  key('an Atlassian token', /\bAT(?:ATT|CTT|BB)[A-Za-z0-9][\w=-]{20,}/g),
  key('a Databricks token', /\bdapi[0-9a-f]{32}(?:-\d)?\b/g),
  key('a Grafana token', /\bgl(?:sa|c)_[\w=+/]{20,}/g),
  key('a Sentry token', /\bsntry[su]_[\w=+/.-]{20,}/g),
  key('a New Relic key', /\bNR(?:AK|II|JS)-[A-Za-z0-9]{20,}/g),
  key('a Postman key', /\bPMAK-[0-9a-f]{20,}-[0-9a-f]{20,}/g),
  key('a Pulumi token', /\bpul-[0-9a-f]{40}\b/g),
  key('a HashiCorp token', /\bhv[sbr]\.[\w-]{20,}|\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}/g),
  key('a PlanetScale token', /\bpscale_(?:tkn|pw|oauth)_[\w.-]{20,}/g),
  key('a Supabase key', /\bsbp_[0-9a-f]{20,}|\bsb_secret_[\w-]{20,}/g),
  key('a Neon key', /\bnapi_\w{30,}/g),
  key('a DigitalOcean token', /\bdo[opr]_v1_[0-9a-f]{32,}/g),
  key('a Vercel token', /\bvc[kp]_\w{20,}/g),
  key('a Shopify token', /\bshp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{32}/g),
  key('a Square token', /\bsq0(?:atp|csp)-[\w-]{20,}/g),
  key('a HubSpot token', /\bpat-(?:na|eu)\d-[0-9a-f-]{30,}/g),
  key('a Brave Search key', /\bBSA[A-Za-z0-9_-]{20,}/g),
  key('a Tavily key', /\btvly-(?:dev-|prod-)?[A-Za-z0-9]{16,}/g),
  key('a Firecrawl key', /\bfc-[0-9a-f]{32}\b/g),
  key('a Pinecone key', /\bpcsk_\w{20,}/g),
  key('a LangSmith key', /\blsv2_(?:pt|sk)_\w{20,}/g),
  key('an Apify token', /\bapify_api_\w{20,}/g),
  key('a Browserbase key', /\bbb_live_[\w-]{10,}/g),
  key('a Resend key', /\bre_[A-Za-z0-9]{6,}_[A-Za-z0-9]{16,}/g),
  key('a PostHog key', /\bph[xr]_\w{30,}/g),
  key('a Render key', /\brnd_\w{20,}/g),
  key('a SonarQube token', /\bsq[pua]_[0-9a-f]{40}\b/g),
  key('a Doppler token', /\bdp\.(?:pt|st|ct|sa)\.[\w.-]{30,}/g),
  key('a Fly.io token', /\bfo1_[\w-]{30,}|\bFlyV1 fm\d_[\w+/=,]{20,}/g),
  key('a Netlify token', /\bnfp_\w{30,}/g),
  {
    kind: 'assigned',
    what: 'a password or key in a connection string',
    pattern:
      /(?:^|[;&\s"'])(?:password|pwd|passwd|account_?key|shared_?access_?key|access_?key|client_?secret|user_?password)\s{0,3}=\s{0,3}(?<secret>[^\s"'\\&,;}]{1,512})/gi,
  },
  { kind: 'bearer', what: 'a bearer token', pattern: /\b(?:Bearer|DPoP)\s+(?<secret>[\w.~+/=-]{6,})/gi },
  { kind: 'basic', what: 'a user name and password', pattern: /\bBasic\s+(?<secret>[\w.~+/=-]{6,})/gi },
  {
    kind: 'assigned',
    what: 'a credential, by the name before it',
    pattern:
      /\b(?:access_token|refresh_token|id_token|client_secret|client_assertion|device_code|code_verifier|password|secret|authorization)\\{0,3}["']?\s{0,9}[:=]\s{0,9}\\{0,3}["']?(?<secret>[^\s"'\\&,}]+)/gi,
  },
  {
    kind: 'assigned',
    what: 'a credential in an address',
    pattern: /[?&](?:code|token|sig|signature|state|key|api_key|apikey)=(?<secret>[^&\s"#]+)/gi,
  },
  {
    kind: 'url_password',
    what: 'a password in a URL',
    pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^/\s:@]*:(?<secret>[^/\s@]+)@/gi,
  },
];

/** One of these is in every text in which a pattern matches: most texts have none, and are done with at once. */
const formSigns =
  /-----BEGIN|eyJ|[SM][A-Z0-9.][\w.-]{20}|[01]\.A|1\/\/0|Q~|GOCSPX-|hooks\.slack|api\/webhooks|webhookb2|gh[pousr]_|github_pat_|gl[a-z]{2,5}[-_]|npm_|pypi-|dckr_|xox|xapp-|[sr]k[-_]|whsec_|hf_|gsk_|xai-|pplx-|r8_|A[KSB]IA|AIza|ya29|\w{32}|key-|\d{8}:|[MNO][\w-]{22}|lin_|ntn_|secret_|fig[dup]_|pat[\w-]{5}|AT[ACB]|dapi|sntry|NR[AIJ]|PMAK|pul-|hv[sbr]\.|atlasv1|pscale_|s[bp]p?_|napi_|do[opr]_v1|vc[kp]_|shp|sq0|BSA|tvly-|fc-|pcsk_|lsv2|apify_|bb_live|re_\w{6}|ph[xr]_|rnd_|sq[pua]_|dp\.|fo1_|FlyV1|nfp_|AGE-/;
const wordSigns =
  /:\/\/[^/@]*@|[?&]\w+=|(?:bearer|basic|dpop|authorization|_token|secret|device_code|code_verifier|client_assertion|password|pwd|passwd|access_?key|account_?key|access_?token)\\{0,3}["']?[\s:=]/i;

export function hasCredentialSign(text: string): boolean {
  return text.length >= 6 && (formSigns.test(text) || wordSigns.test(text));
}
