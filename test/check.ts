// `npm run check`: types, lint, format, dead code, build and import fences.
import { checks } from './checks.ts';
import { runStep } from './run-step.ts';

let failed = 0;
for (const step of checks) if (!(await runStep(step))) failed++;
process.exitCode = failed === 0 ? 0 : 1;
