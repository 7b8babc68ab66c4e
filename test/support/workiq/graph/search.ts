// $search as mail, files and people understand it: words, "phrases", field:value, OR. Text in, predicate out.

/** What can be searched in an entity, by field; `*` is what a bare word looks at. */
export type SearchFields = Record<string, string> & { '*': string };

type Term = { field: string; text: string; operator: ':' | '>=' | '<=' | '>' | '<' };

const TERM = /(?:([A-Za-z]+)(:|>=|<=|>|<))?(?:"([^"]*)"|([^\s"]+))/g;

export function parseSearch(query: string): (fields: SearchFields) => boolean {
  const alternatives = unquote(query.trim())
    .split(/\s+OR\s+/)
    .map(parseTerms);
  return (fields) => alternatives.some((terms) => terms.every((term) => matches(term, fields)));
}

/** Graph wants the whole KQL in quotes and inner quotes escaped: `"subject:\"budget review\""`. */
function unquote(query: string): string {
  const whole = /^"((?:[^"\\]|\\.)*)"$/.exec(query);
  const inner = whole?.[1] ?? query;
  return inner.replaceAll('\\"', '"');
}

function parseTerms(text: string): Term[] {
  return [...text.matchAll(TERM)]
    .map(([, field = '*', operator = ':', phrase, word]) => ({
      field: field.toLowerCase(),
      text: (phrase ?? word ?? '').toLowerCase(),
      operator: operator as Term['operator'],
    }))
    .filter((term) => term.text !== 'and');
}

function matches(term: Term, fields: SearchFields): boolean {
  const value = fields[term.field];
  if (value === undefined) return false;
  if (term.operator === ':') return hasWordStart(value.toLowerCase(), term.text.replace(/\*$/, ''));
  // Dates compare by as many characters as the caller wrote: received>=2026-11-20
  const left = value.slice(0, term.text.length).toLowerCase();
  if (term.operator === '>=') return left >= term.text;
  if (term.operator === '<=') return left <= term.text;
  return term.operator === '>' ? left > term.text : left < term.text;
}

/** Search finds the beginnings of words, not pieces from their middle. */
function hasWordStart(text: string, wanted: string): boolean {
  for (let index = text.indexOf(wanted); index >= 0; index = text.indexOf(wanted, index + 1)) {
    const before = text[index - 1];
    if (before === undefined || !/[\p{L}\p{N}]/u.test(before)) return true;
  }
  return false;
}
