// Tells whether a form asks for a credential: an MCP server may never be given one by a person who answers its question
// (MCP 2025-06-18, client/elicitation: "Servers MUST NOT request sensitive information"). In doubt it does.

export interface AskedField {
  name: string;
  type?: unknown;
  title?: unknown;
  description?: unknown;
  format?: unknown;
  /** True when it offers choices, so that nothing can be typed. */
  isChoice?: boolean;
}

/** Longer words are of no person's reading; the beginning is what is looked at. */
const lookedAt = 4_000;

/** Where no other reading is likely, wherever they stand. Texts are split into lower-case words before. */
const anywhere: readonly RegExp[] = [
  /\bpass ?(?:word|phrase|code|key|wd)s?\b|\bpwd\b|passw(?:ort|orter)\b|kennwort\b|\bpasscodes?\b/,
  /\bcredentials?\b|\bcreds\b|\bzugangsdaten\b/,
  /\b(?:client|shared|app|api|your|the) secrets?\b/,
  /\b(?:access|refresh|auth|authentication|authorization|bearer|api|id|session|security|oauth|login|personal|csrf|sas) tokens?\b/,
  /\bapi ?keys?\b|\b(?:access|private|secret|encryption|signing|master|storage|account|ssh|recovery|subscription) ?keys?\b/,
  /\bone ?time (?:\w+ )?(?:code|pass\w*|pin|token)s?\b|\botp\b|\btotp\b|\b(?:2|mfa|two) ?(?:fa|factor)?\b ?(?:\w+ )?codes?\b/,
  /\b(?:verification|security|authentication|authenticator|authorization|auth|recovery|backup|access|log ?in|sign ?in|sms|device) codes?\b(?! (?:review|scan|base|owner))/,
  // "Code from your authenticator app", "the six-digit code", "the code that we sent you".
  /\bcodes? (?:\S+ ){0,4}(?:authenticator|sms|text message|whatsapp|telegram)\b/,
  /\b(?:\d{1,2}|four|five|six|seven|eight|several) ?digits? (?:\S+ )?(?:code|number)\b/,
  /(?<!\b(?:promo|discount|voucher|coupon|gift|tracking|booking|order|postal|zip|area|country|product) )\bcodes? (?:that )?(?:we |i |you |was |were |is |has been |have been )?(?:just )?(?:sent|texted|emailed|received)\b/,
  /\b(?:security|secret) (?:questions?|answers?)\b|\bmaiden name\b/,
  /\b(?:your|digit|card|bank|security|secret|account) pin\b|\bpin (?:codes?|numbers?)\b/,
  /\b(?:seed|recovery|secret|mnemonic) (?:phrase|words)\b|\bmnemonic\b/,
  /\bjwts?\b|\b(?:session|auth|login) cookies?\b|\bauthorization header\b|\bconnection string\b/,
  /\b(?:cvv2?|cvc2?)\b|\b(?:credit|debit|payment|bank) card\b|\bcard numbers?\b/,
  /\bmot de passe\b|\bcontrasena\b|\bparola d ordine\b|\bsenha\b|\bwachtwoord\b|\bhas[lł]o\b|\blosenord\b|\badgangskode\b|\bsalasana\b|\bheslo\b|\bjelszo\b|\bsifre\b/,
  /(?:bestatigungs|sicherheits|zugangs|einmal|freigabe|verificatie|toegangs)code\b|\bgeheimzahl\b|\bcode (?:de verification|de securite|secret|confidentiel|d acces)\b|\bcodigo de (?:verificac\w+|seguridad|seguranca|acceso)\b|\bcodice (?:di verifica|di sicurezza|segreto)\b|\bkod weryfikacyjny\b/,
  /код (?:подтвержд|из|безопасн|доступа)|пин ?код|验证码|驗證碼|校验码|動態碼|認証コード|確認コード|인증 ?번호|인증 ?코드/,
  /парол|пінкод|密码|密碼|口令|暗証番号|パスワード|비밀번호|كلمة المرور|סיסמה|รหัสผ่าน|पासवर्ड|κωδικ/,
];

/** In the name or title of a field, where a single word says what is wanted. */
const asName: readonly RegExp[] = [
  /\bsecrets?\b|\btoken\b|\bpin\b|\botp\b|\b(?:mfa|2fa)\b|\bcookies?\b|\bbearer\b|\bgeheimnis\b|\btan\b|\bclave\b|\bauthorization\b/,
];

/** Numbers are no tokens and no secrets, but they can be a PIN or a code. */
const asNumber: readonly RegExp[] = [/\bpin\b|\botp\b|\bcodes?\b|\bpass\w*\b|\bcv[vc]2?\b|\bcard\b/];

/** What stands in a name that was written together or spelt with other characters. */
const writtenTogether =
  /pass(?:word|wort|phrase|code)|kennwort|credential|apikey|accesskey|secretkey|privatekey|clientsecret|accesstoken|refreshtoken|onetime(?:code|pass)|verificationcode|motdepasse/;

/** A request in words: "Please enter your … password". */
const asked =
  /\b(?:enter|type|provide|give|supply|paste|input|tell|send|share|need|submit|confirm|what is|what s|which is)\b(?: \S+){0,6}? /;

/** Nothing but such a word, with what goes before and behind it: "Your PIN?", "Token, please". */
const onlyName =
  /^(?:(?:please|bitte|your|the|my|a|an|current|new|ihre?|deine?|enter|type|eingeben) )*(?:secret|token|pin|otp|tan|mfa|2fa|cookie|bearer|clave|geheimnis)(?: (?:please|bitte|eingeben|here))*$/;

/** Where they stand, something is said or asked about a credential rather than for one. */
const about =
  /\b(?:is|are|was|were|has|had|will|would|can|cannot|could|must|may|shall|should|do|does|did|expir\w+|chang\w+|reset\w*|rotat\w+|renew\w*|updat\w+|delet\w+|remov\w+|revok\w+|creat\w+|generat\w+|stor(?:e|es|ed)|saved?|found|leak\w*|fail\w*|^use|allow\w*|grant\w*|keep|show|hide|enable|disable|exceed\w*|counts?|polic(?:y|ies)|review\w*|managers?|length|rules?|template|ist|wird|wurde|lauft|lief|abgelaufen|geandert)\b/;
/** Where they stand, it is asked for all the same. */
const wanted =
  /\b(?:required|needed|necessary|requested|wanted|please|bitte|erforderlich|benotigt|(?:sent|texted|emailed|shown|displayed) (?:to|by|in|on|at) you\w*)\b/;
const maxSentences = 200;

/** What asks for a credential, in a word or two; undefined when nothing does. */
export function credentialField(fields: readonly AskedField[]): string | undefined {
  return fields.find((field) => isCredentialField(field))?.name;
}

/** True for a message that wants a credential, whatever its fields are called. */
export function asksForCredential(message: string): boolean {
  const isAsked = wordsOf(message)
    .split('\n')
    .some((line) => {
      const request = asked.exec(line);
      return request !== null && namesCredential(line.slice(request.index));
    });
  return isAsked || sentencesOf(message).some(isLabel);
}

/** A field that is called `x` takes its meaning from a message such as "Client secret" or "Verification code from SMS". */
function isLabel(sentence: string): boolean {
  if (onlyName.test(sentence)) return true;
  const named = anywhere.map((pattern) => pattern.exec(sentence)).find((match) => match !== null);
  if (named === undefined) return false;
  const end = named.index + named[0].length;
  // "PIN that was sent", "PIN you can find on the card": what follows tells which one it is.
  const rest = sentence.slice(end).replace(/^ (?:that|which|you|we|i) .*$/, '');
  return wanted.test(sentence) || !about.test(sentence.slice(0, end) + rest);
}

function namesCredential(text: string): boolean {
  return anywhere.some((pattern) => pattern.test(text));
}

function sentencesOf(message: string): string[] {
  return message
    .slice(0, lookedAt)
    .split(/[.!?;:\n\u3002\uff01\uff1f\uff1a]+/, maxSentences)
    .flatMap((sentence) => wordsOf(sentence).split('\n'));
}

function isCredentialField({ name, type, title, description, format, isChoice = false }: AskedField): boolean {
  if (type === 'boolean' || isChoice) return false;
  const labels = [name, textOf(title), textOf(format)].map(wordsOf);
  const texts = [...labels, wordsOf(textOf(description))];
  if (type === 'number' || type === 'integer') {
    return labels.some((label) => asNumber.some((pattern) => pattern.test(label)) && !isOtherCode(label));
  }
  if (texts.some(namesCredential)) return true;
  if (labels.some((label) => asName.some((pattern) => pattern.test(label)))) return true;
  return writtenTogether.test(lettersOf(name)) || writtenTogether.test(lettersOf(textOf(format)));
}

/** Codes that are no secret. */
function isOtherCode(label: string): boolean {
  return /\b(?:post|postal|zip|area|country|error|status|exit|color|colour|product|currency|language) ?codes?\b/.test(
    label,
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Letters of other alphabets that look like Latin ones, and digits that stand for letters. */
const lookAlikes: Readonly<Record<string, string>> = {
  а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', ѕ: 's', і: 'i', у: 'y', х: 'x', к: 'k', т: 't', м: 'm', н: 'h', ԁ: 'd', ո: 'n',
  α: 'a', ο: 'o', ρ: 'p', ε: 'e', κ: 'k', τ: 't', ν: 'v', ѡ: 'w', ԝ: 'w',
}; // prettier-ignore

/** Both spellings, the text's own and the one with look-alikes replaced, as lower-case words. */
function wordsOf(text: string): string {
  const own = text
    .slice(0, lookedAt)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    // Letters one by one: "p a s s w o r d".
    .replace(/(?<![\p{L}\d])(?:[\p{L}\d][\s._*-]){3,}[\p{L}\d](?![\p{L}\d])/gu, (spelt) =>
      spelt.replace(/[\s._*-]/g, ''),
    );
  const latin = own
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/./gu, (character) => lookAlikes[character] ?? character);
  const spaced = (variant: string): string =>
    variant
      .split('\n')
      .map((line) => line.replace(/[^\p{L}\p{M}\d]+/gu, ' ').trim())
      .join('\n');
  return own === latin ? spaced(own) : `${spaced(own)}\n${spaced(latin)}`;
}

const digitsAsLetters: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', '@': 'a', $: 's' };

function lettersOf(text: string): string {
  return wordsOf(text.replace(/[013-5@$]/g, (digit) => digitsAsLetters[digit] ?? digit)).replace(/[^a-z]/g, '');
}
