// The doctor's findings as Markdown, to be pasted into an issue or a mail to an operator; pure. It names nobody.
import { maskNames } from '../diagnostics.ts';
import { escapePasted } from '../results/escape-pasted.ts';
import type { DoctorDocument } from './doctor-document.ts';

const marks = { ok: 'ok', note: 'note', warning: 'warning', failed: 'FAILED', skipped: 'not looked at' } as const;

export function doctorMarkdown({ headline, at, groups }: DoctorDocument, version: string): string {
  const sections = groups.flatMap(({ name, findings }) => [
    `## ${name}`,
    '',
    ...findings.flatMap(({ id, severity, title, what, action }) => [
      `- **${marks[severity]}** ${escapePasted(title)} (\`${id}\`): ${escapePasted(what)}`,
      ...(action === undefined ? [] : [`  - ${escapePasted(action)}`]),
    ]),
    '',
  ]);
  return maskNames([`# RockBot doctor`, '', `${headline} RockBot ${version}, ${at}.`, '', ...sections].join('\n'));
}
