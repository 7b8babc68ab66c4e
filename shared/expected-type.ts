// The types that zod expects, in words for people.

const expectedTypes: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** `expected`: of an issue `invalid_type`. For example "must be a list". */
export function expectedTypeText(expected: string): string {
  return `must be ${expectedTypes[expected] ?? 'something else'}`;
}
