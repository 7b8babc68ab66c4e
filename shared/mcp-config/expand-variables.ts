// Expands ${NAME} in the places of an mcp.json entry where the contract allows it.

const placeholder = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** True when the text takes at least one value from the environment. */
export function hasPlaceholder(text: string): boolean {
  return new RegExp(placeholder.source).test(text);
}

export function withoutPlaceholders(text: string): string {
  return text.replace(placeholder, '');
}

/** The text with each ${NAME} replaced; names that are not set are added to `missing`. */
export function expandVariables(
  text: string,
  lookup: (name: string) => string | undefined,
  missing: Set<string>,
): string {
  return text.replace(placeholder, (whole, name: string) => {
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
