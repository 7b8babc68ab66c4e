// Expands ${NAME} in the places of an mcp.json entry where the contract allows it.

/** Each `${NAME}`, with its name. */
export const variablePattern = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** What stands there beside variables, in the spelling of other clients (`${env:NAME}`, `${NAME:-default}`) as well. */
export function withoutPlaceholders(text: string): string {
  return text
    .replace(/\$\{(?:[a-z]{1,12}:)?[\w.-]{1,80}\}/gi, '')
    .replace(/\$\{[A-Za-z_]\w{0,79}:?[-?+=]([^{}]{0,500})\}/g, '$1');
}

/** The text with each ${NAME} replaced; names that are not set are added to `missing`. */
export function expandVariables(
  text: string,
  lookup: (name: string) => string | undefined,
  missing: Set<string>,
): string {
  return text.replace(variablePattern, (whole, name: string) => {
    const value = lookup(name);
    if (value === undefined) missing.add(name);
    return value ?? whole;
  });
}

export function expandRecord(
  record: Readonly<Record<string, string>>,
  lookup: (name: string) => string | undefined,
  missing: Set<string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, expandVariables(value, lookup, missing)]),
  );
}
