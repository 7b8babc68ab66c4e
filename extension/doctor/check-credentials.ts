// Findings about what stands on this side before anything is connected: settings, and who this user is to the bus.
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { isLoopbackUrl } from '../bus/bus-failures.ts';

/** `problems`: in plain words; with one of them nothing may be connected. */
export interface CheckedSettings {
  /** With them nothing can be looked at. */
  problems: readonly string[];
  /** What else is wrong. */
  warnings?: readonly string[];
  /** What they are, in a few words. */
  summary: string;
}

export function checkSettings({ problems, warnings = [], summary }: CheckedSettings): Finding[] {
  if (problems.length + warnings.length === 0) return [finding('settings.local', 'ok', summary)];
  const facts = { fault: 'configuration', action: 'Correct the setting.' } as const;
  return [
    ...problems.map((problem) => finding('settings.local', 'failed', problem, facts)),
    ...warnings.map((problem) => finding('settings.local', 'warning', problem, facts)),
  ];
}

/** Who somebody is to the bus; no secret is among it. */
export interface OwnCredentials {
  publicKey: string;
  /** Where they come from, for people. */
  from: string;
  /** Mode of the file that they lie in, where they do. */
  fileMode?: number | undefined;
}

export function checkCredentials(own: OwnCredentials | undefined, busUrl: string): Finding {
  if (own === undefined) {
    const what = 'None; the bus is used without a user.';
    return isLoopbackUrl(busUrl)
      ? finding('bus.credentials', 'ok', what)
      : finding('bus.credentials', 'warning', what, {
          action: 'Have the operator give the bus users (deploy/nats has an example), and set your credentials.',
        });
  }
  const what = `${own.from}, public nkey ${own.publicKey}`;
  if (own.fileMode === undefined || (own.fileMode & 0o077) === 0) return finding('bus.credentials', 'ok', what);
  const mode = (own.fileMode & 0o777).toString(8).padStart(4, '0');
  return finding('bus.credentials', 'warning', `${what}; others on this machine may read the file (${mode}).`, {
    action: 'Set the file to 0600.',
  });
}
