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
  /\bpass ?(?:word|phrase|code|key|wd)s?\b|\bpwd\b|\bpasswort\b|\bkennwort\b|\bpasscodes?\b/,
  /\bcredentials?\b|\bcreds\b|\bzugangsdaten\b/,
  /\b(?:client|shared|app|api|your|the) secrets?\b/,
  /\b(?:access|refresh|auth|authentication|authorization|bearer|api|id|session|security|oauth|login|personal|csrf|sas) tokens?\b/,
  /\bapi ?keys?\b|\b(?:access|private|secret|encryption|signing|master|storage|account|ssh|recovery|subscription) ?keys?\b/,
  /\bone ?time (?:\w+ )?(?:code|pass\w*|pin|token)s?\b|\botp\b|\btotp\b|\b(?:2|mfa|two) ?(?:fa|factor)?\b ?(?:\w+ )?codes?\b/,
  /\b(?:verification|security|authentication|authenticator|authorization|auth|recovery|backup|access|log ?in|sign ?in|sms|device) codes?\b/,
  /\b(?:your|digit|card|bank|security|secret|account) pin\b|\bpin (?:codes?|numbers?)\b/,
  /\b(?:seed|recovery|secret|mnemonic) (?:phrase|words)\b|\bmnemonic\b/,
  /\bjwts?\b|\b(?:session|auth|login) cookies?\b|\bauthorization header\b|\bconnection string\b/,
  /\b(?:cvv2?|cvc2?)\b|\b(?:credit|debit|payment|bank) card\b|\bcard numbers?\b/,
  /\bmot de passe\b|\bcontrasena\b|\bparola d ordine\b|\bsenha\b|\bwachtwoord\b|\bhas[lł]o\b|\blosenord\b|\badgangskode\b|\bsalasana\b|\bheslo\b|\bjelszo\b|\bsifre\b/,
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
  /\b(?:enter|type|provide|give|supply|paste|input|tell|send|share|need|submit|confirm|what is|what s)\b(?: \S+){0,6}? /;

/** What asks for a credential, in a word or two; undefined when nothing does. */
export function credentialField(fields: readonly AskedField[]): string | undefined {
  return fields.find((field) => isCredentialField(field))?.name;
}

/** True for a message that wants a credential, whatever its fields are called. */
export function asksForCredential(message: string): boolean {
  const text = wordsOf(message);
  return text.split('\n').some((line) => {
    const request = asked.exec(line);
    return request !== null && anywhere.some((pattern) => pattern.test(line.slice(request.index)));
  });
}

function isCredentialField({ name, type, title, description, format, isChoice = false }: AskedField): boolean {
  if (type === 'boolean' || isChoice) return false;
  const labels = [name, textOf(title), textOf(format)].map(wordsOf);
  const texts = [...labels, wordsOf(textOf(description))];
  if (type === 'number' || type === 'integer') {
    return labels.some((label) => asNumber.some((pattern) => pattern.test(label)) && !isOtherCode(label));
  }
  if (texts.some((text) => anywhere.some((pattern) => pattern.test(text)))) return true;
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
