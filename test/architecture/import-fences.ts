// Holds esbuild's own account of the bundles against the fences; run by `npm run check` after the build.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fenceViolation, type Import } from './fence-rules.ts';

const metafile = z.object({
  inputs: z.record(
    z.string(),
    z.object({
      imports: z.array(
        z.object({ path: z.string(), original: z.string().optional(), external: z.boolean().optional() }),
      ),
    }),
  ),
  outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.unknown()) })),
});

const { inputs, outputs } = metafile.parse(JSON.parse(await readFile('dist/meta.json', 'utf8')));
const imports: Import[] = Object.entries(inputs).flatMap(([from, { imports: found }]) =>
  found.map(({ path }) => ({ from, to: path })),
);
const problems = imports.flatMap((candidate) => {
  const problem = fenceViolation(candidate);
  return problem === undefined ? [] : [`${candidate.from} imports ${candidate.to}: ${problem}`];
});
for (const [output, { inputs: parts }] of Object.entries(outputs)) {
  const foreign = output.startsWith('dist/agent') ? 'extension/' : 'agent/';
  for (const part of Object.keys(parts)) {
    if (part.startsWith(foreign) || part.startsWith('test/')) problems.push(`${output} contains ${part}`);
  }
}
if (imports.length < 100) problems.push(`Only ${imports.length} imports were seen; the build's account is incomplete.`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
