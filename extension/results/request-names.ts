// What the requests of one call were about, from its arguments: a tool that takes several paths answers each in its place.
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';

const maxNames = 200;
const maxName = 300;

/** Every list of texts among the arguments; which one a result answers shows in their number. */
export function requestLists(values: JsonObject | undefined): string[][] {
  return Object.values(values ?? {}).flatMap((value) => {
    const isList = Array.isArray(value) && value.length > 1 && value.length <= maxNames;
    return isList && value.every((item) => typeof item === 'string')
      ? [value.map((item) => item.slice(0, maxName))]
      : [];
  });
}

/** The one list that fits so many requests; undefined when none or more than one does. */
export function namesOf(lists: readonly (readonly string[])[], requests: number): readonly string[] | undefined {
  const fitting = lists.filter(({ length }) => length === requests);
  return fitting.length === 1 ? fitting[0] : undefined;
}
