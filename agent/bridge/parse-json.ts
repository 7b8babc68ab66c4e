// JSON of a server, which may be none; what it holds is for a schema to say.

/** As any JSON text begins. */
const beginning = /^\s*["[{\d\-tfn]/;

/** Undefined for what is no JSON: most texts of tools are prose, and each error of the parser costs more than a small call. */
export function parseJson(text: string): unknown {
  if (!beginning.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
