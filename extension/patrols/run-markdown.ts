// A run's record as markdown, to be pasted elsewhere; text from outside stays text.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { escapePasted } from '../results/escape-pasted.ts';
import type { TimeText } from '../results/time-text.ts';
import { runDocument, type RunStep } from './run-document.ts';

export function runMarkdown(run: PatrolRun, times: TimeText): string {
  const { patrol, headline, details, trigger, moment, took, unseen, error, steps, output, outputProblems, budget } =
    runDocument(run);
  const facts = [trigger, moment === '' ? '' : times.full(moment), took, `run ${run.runId}`].filter(
    (part) => part !== '',
  );
  return `${[
    `## ${escapePasted(patrol)}`,
    `**${escapePasted(headline)}**`,
    ...(details === '' ? [] : details.split('\n').map(escapePasted)),
    `*${facts.map(escapePasted).join(' \u00b7 ')}*`,
    ...(error === undefined ? [] : [escapePasted([error.message, error.action].filter(Boolean).join(' '))]),
    ...(unseen.length === 0
      ? []
      : [
          '### Not seen',
          unseen
            .map(
              ({ server, reason, steps: ids }) =>
                `- **${escapePasted(server)}**: ${escapePasted(reason)}${ids.length === 0 ? '' : ` (${escapePasted(ids.join(', '))})`}`,
            )
            .join('\n'),
        ]),
    ...(steps.length === 0 ? [] : ['### Steps', steps.map(stepLine).join('\n')]),
    ...(output === undefined ? [] : ['### Output', fenced(output)]),
    ...(outputProblems.length === 0
      ? []
      : [
          '### Output that could not be written',
          outputProblems.map((problem) => `- ${escapePasted(problem)}`).join('\n'),
        ]),
    `*${escapePasted(budget)}*`,
  ].join('\n\n')}\n`;
}

function stepLine({ id, server, tool, facts, why }: RunStep, index: number): string {
  const words = [...facts, why].filter((part) => part !== '').map(escapePasted);
  return `${index + 1}. **${escapePasted(id)}** (${escapePasted(server)} ${escapePasted(tool)}): ${words.join(', ')}`;
}

/** With more backticks than the text has in a row. */
function fenced(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
