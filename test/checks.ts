// The static checks and the build, in the order in which they are worth running.
import type { Step } from './run-step.ts';

export const checks: readonly Step[] = [
  { name: 'types', command: 'tsc', args: ['-b'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'format', command: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
  { name: 'dead code', command: 'knip', args: ['--no-progress'] },
  { name: 'build', command: 'node', args: ['esbuild.mjs'] },
  { name: 'import fences', command: 'node', args: ['test/architecture/import-fences.ts'] },
];
