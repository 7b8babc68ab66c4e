// Asks before a tool runs that can change things; "don't ask again" holds for one tool until the window is closed.
import { cleanLine } from '../results/clean-text.ts';
import { argumentSummary } from '../tool-form/argument-summary.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import type { ToolTarget } from '../tool-form/tool-caller.ts';
import { nameOf } from '../tool-form/tool-picks.ts';
import { showWarning } from './messages.ts';

export type ConfirmRun = (target: ToolTarget, values: JsonObject) => Promise<boolean>;

/** VS Code puts the focus on the first button, so this one changes nothing: Enter pressed twice runs no tool. */
const edit = { title: 'Edit Arguments' };
const run = { title: 'Run' };
const runAlways = { title: "Run and Don't Ask Again for This Tool" };

export function createConfirmRun(): ConfirmRun {
  const trusted = new Set<string>();
  return async (target, values) => {
    const { server, tool } = target;
    if (tool.sideEffects === 'read') return true;
    const key = JSON.stringify([server, tool.name]);
    if (trusted.has(key)) return true;
    const answer = await showWarning(
      `Run "${nameOf(target)}" on ${cleanLine(server)}? It can change things.`,
      { modal: true, detail: argumentSummary(values) },
      edit,
      run,
      runAlways,
    );
    if (answer === runAlways) trusted.add(key);
    return answer === run || answer === runAlways;
  };
}
