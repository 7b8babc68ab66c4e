// Findings about the agent's settings: what its start warned of. A configuration that is wrong would have stopped the start.
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';

export function checkConfiguration({ warnings }: { warnings: readonly string[] }): Finding[] {
  if (warnings.length === 0) return [finding('agent.configuration', 'ok', 'Every setting makes sense.')];
  return warnings.map((warning) =>
    finding('agent.configuration', 'warning', warning, {
      action: 'Have the operator correct the setting; docs/contract.md says what each takes.',
    }),
  );
}
