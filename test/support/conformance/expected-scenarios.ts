// Reads the table of docs/conformance.md: what the documentation says of each scenario of the MCP conformance suite.
import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const rowSchema = z.strictObject({
  scenario: z.string().regex(/^[\w./-]+$/),
  result: z.enum(['passes', 'does not apply']),
  passed: z.coerce.number().int().nonnegative(),
  /** Ids of the checks, as often as they fail. */
  failed: z.array(z.string()),
  why: z.string(),
});

export type ExpectedScenario = z.infer<typeof rowSchema>;

const document = new URL('../../../docs/conformance.md', import.meta.url);

export async function readExpectedScenarios(): Promise<{ version: string | undefined; rows: ExpectedScenario[] }> {
  const text = await readFile(document, 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => /^\| +`/.test(line))
    .map((line) => {
      const [scenario = '', result, passed, failed = '', why] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return rowSchema.parse({ scenario: scenario.replaceAll('`', ''), result, passed, failed: idsIn(failed), why });
    });
  return { version: /conformance` (\d+\.\d+\.\d+)/.exec(text)?.[1], rows };
}

function idsIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, id]) => id ?? '');
}
