// The promises of docs/contract.md, and which of them the tests of this version cite.
import { glob, readFile } from 'node:fs/promises';

const idPattern = /\b([SP]\d{1,2})\b/;

/** Ids and texts of the table under "Promises" in docs/contract.md; a row may say in which version it comes. */
export function promisesIn(contract: string): { id: string; text: string; isPlanned: boolean }[] {
  const rows = contract.split('\n').filter((line) => /^\| *[SP]\d{1,2} *\|/.test(line));
  return rows.map((row) => {
    const [, id = '', text = ''] = row.split('|').map((cell) => cell.trim());
    return { id, text, isPlanned: text.endsWith('(planned)') };
  });
}

/** Ids cited in the names of tests, as `[P7]` or `[S2, P9]`. */
export async function citedPromises(): Promise<Set<string>> {
  const cited = new Set<string>();
  for await (const file of glob('test/**/*.test.ts')) {
    for (const [, list = ''] of (await readFile(file, 'utf8')).matchAll(/\[((?:[SP]\d{1,2}(?:,\s*)?)+)\]/g)) {
      for (const part of list.split(',')) {
        const id = idPattern.exec(part)?.[1];
        if (id !== undefined) cited.add(id);
      }
    }
  }
  return cited;
}
