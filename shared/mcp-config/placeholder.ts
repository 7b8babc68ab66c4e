// Tells a word that stands where a credential belongs ("YOUR_API_KEY", "<token>", "xxxx") from a credential; it knows no places.

/** Words that ask the reader to put something else there. */
const asking: ReadonlySet<string> = new Set(
  'your yours insert enter replace paste put fill change changeme placeholder dummy redacted todo fixme tbd'.split(' '),
);

/** Words that only name what belongs there, or say that nothing does. */
const naming: ReadonlySet<string> = new Set(
  `a an abc access account an api apikey app application auth bar bearer client connection credential credentials database db demo
  example foo github here id key license login me my mykey mypassword mysecret mytoken none of oauth or pass passphrase passwd password pat
  personal private pw pwd sample secret service session shared string subscription test the this to token user username value with`.split(
    /\s+/,
  ),
);

/** Brackets, percent signs and shell variables around a name: `<token>`, `[KEY]`, `{{key}}`, `%KEY%`, `$KEY`, `$(KEY)`. */
const framed =
  /^(?:<[^<>]*>|\[[^[\]]*\]|\{[^{}]*\}|\{\{.*\}\}|\$\{\{.*\}\}|%[\w.-]+%|\$[A-Za-z_]\w*|\$\([^()]*\)|__\w+__)$/s;
/** The part of a longer text that is framed: `Bearer <token>`, `sk-<your key>`. */
const framedPart = /<[A-Za-z][^<>]{0,80}>|\{\{[^{}]{1,80}\}\}|\$\([^()]{1,80}\)/;
/** Crossed out or cut off: `ghp_xxxxxxxx`, `sk-...`, `********`. */
const crossedOut = /x{4,}|X{4,}|\*{3,}|•{3,}|\.{3,}|…|^[xX.*#_-]{2,}$|^[0-]+$|^(?:[a-z]{1,4}[-_])?x{3,}$/;

/** Longer texts are not looked at: nobody writes such a placeholder. */
const maxLength = 200;

/** True for a text that a reader is meant to replace. `text` is the value alone, without `Bearer` and the like. */
export function isPlaceholder(text: string): boolean {
  const value = text.trim().replace(/^(["'`])(.*)\1$/s, '$2');
  if (value.length > maxLength) return false;
  if (framed.test(value) || framedPart.test(value) || crossedOut.test(value)) return true;
  const digits = value.match(/\d/g)?.length ?? 0;
  // What is random has more of them.
  if (digits > 4 || /[^\w\s.:@/'-]/.test(value)) return false;
  const words = value
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  if (words.length === 0 || words.some((word) => word.length > 16)) return false;
  // "GROQ_API_KEY_HERE"
  if (words.length > 1 && words.at(-1) === 'here') return true;
  return words.some((word) => asking.has(word)) || (digits <= 3 && words.every((word) => naming.has(word)));
}
