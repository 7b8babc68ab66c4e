// Findings of the doctor as lines for a terminal: in groups, loud only where something has to be done.
import type { Finding, FindingSeverity } from '../../../shared/contract/check-messages.ts';
import { groupOf, titleOf, type FindingGroup } from '../../doctor/finding-group.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { Colors, View } from '../render/view.ts';
import { wrap } from '../terminal-text.ts';

/** Lines as findings come. Those that were skipped for one reason are one line, so they wait for what comes after them. */
export class FindingLines {
  readonly #view: View;
  #group: FindingGroup | undefined;
  #skipped: { found: Finding[]; what: string } | undefined;

  constructor(view: View) {
    this.#view = view;
  }

  add(found: Finding): string[] {
    const group = groupOf(found);
    const isSkipped = found.severity === 'skipped';
    if (isSkipped && this.#skipped?.what === found.what) {
      this.#skipped.found.push(found);
      return [];
    }
    const before = this.rest();
    const heading = group === this.#group ? [] : this.#heading(group);
    if (!isSkipped) return [...before, ...heading, ...findingLines(found, this.#view)];
    this.#skipped = { found: [found], what: found.what };
    return [...before, ...heading];
  }

  /** What still waits. */
  rest(): string[] {
    const skipped = this.#skipped;
    this.#skipped = undefined;
    if (skipped === undefined) return [];
    const { colors, width } = this.#view;
    const text = `${titlesOf(skipped.found)}: not looked at. ${cleanLine(skipped.what)}`;
    return wrap(text, width - 2).map((line, index) => colors.dim(`${index === 0 ? '·' : ' '} ${line}`));
  }

  #heading(group: FindingGroup): string[] {
    const isFirst = this.#group === undefined;
    this.#group = group;
    return [...(isFirst ? [] : ['']), this.#view.colors.bold(group)];
  }
}

/** Each server once, however many of its checks were skipped. */
function titlesOf(found: readonly Finding[]): string {
  const titles = new Map<string, string[]>();
  for (const each of found) {
    const key = each.of ?? '';
    titles.set(key, [...(titles.get(key) ?? []), each.of === undefined ? titleOf(each) : cleanLine(each.name)]);
  }
  return [...titles].map(([of, names]) => (of === '' ? '' : `${cleanLine(of)} · `) + names.join(', ')).join('; ');
}

const marks: Readonly<Record<FindingSeverity, (colors: Colors) => string>> = {
  ok: (colors) => colors.green('✔'),
  note: (colors) => colors.cyan('i'),
  warning: (colors) => colors.yellow('!'),
  failed: (colors) => colors.red('✖'),
  skipped: (colors) => colors.dim('·'),
};

function findingLines(found: Finding, { colors, width }: View): string[] {
  const { severity, what, why, action } = found;
  const needsCare = severity === 'warning' || severity === 'failed';
  const [first = '', ...more] = wrap(`${titleOf(found)}: ${cleanLine(what)}`, width - 2);
  return [
    `${marks[severity](colors)} ${first}`,
    ...more.map((line) => `  ${line}`),
    ...(needsCare ? wrap(cleanLine(why), width - 2).map((line) => `  ${colors.dim(line)}`) : []),
    ...(action === undefined
      ? []
      : wrap(cleanLine(action), width - 4).map((line, index) => `  ${index === 0 ? colors.dim('→') : ' '} ${line}`)),
  ];
}

const proofs = {
  refresh: '"rockbot doctor --refresh" has Microsoft Entra issue a new token',
  probe: '"rockbot doctor --probe" makes one harmless call to each server, which shows licence and billing',
} as const;

/** How to have looked at what costs something, where it could be looked at now. */
export function furtherLines(
  findings: readonly Finding[],
  asked: { refresh: boolean; probe: boolean },
  { colors, width }: View,
): string[] {
  const isOpen = (id: string): boolean => findings.some((found) => found.id === id && found.severity === 'skipped');
  const isConnected = findings.some(({ id, severity }) => id === 'sign-in.state' && severity === 'ok');
  if (!isConnected) return [];
  const further = [
    ...(!asked.refresh && isOpen('sign-in.refresh') ? [proofs.refresh] : []),
    ...(!asked.probe && isOpen('server.entitled') ? [proofs.probe] : []),
  ];
  if (further.length === 0) return [];
  return wrap(`Not proved by this: ${further.join('; ')}.`, width).map((line) => colors.dim(line));
}

export function summaryLine(findings: readonly Finding[], { colors }: View): string {
  const count = (severity: FindingSeverity): number => findings.filter((found) => found.severity === severity).length;
  const [failed, warnings] = [count('failed'), count('warning')];
  const beside = warnings === 0 ? '' : ` ${warnings === 1 ? 'One thing is' : `${warnings} things are`} worth a look.`;
  if (failed > 0) return colors.red(`${failed} of ${findings.length - count('skipped')} checks failed.${beside}`);
  return warnings > 0 ? colors.yellow(`Nothing has failed.${beside}`) : colors.green('Everything is in order.');
}
