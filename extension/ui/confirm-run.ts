// Asks before a tool runs that can change things; "don't ask again" holds for one tool until the window is closed.
import { cleanLine } from '../results/clean-text.ts';
import { argumentSummary } from '../tool-form/argument-summary.ts';
import type { JsonObject } from '../tool-form/json-value.ts';
import type { ToolTarget } from '../tool-form/tool-caller.ts';
import { nameOf } from '../tool-form/tool-picks.ts';
import { showWarning } from './messages.ts';

export type ConfirmRun = (target: ToolTarget, values: JsonObject) => Promise<boolean>;

export function createConfirmRun(): ConfirmRun {
  const trusted = new Set<string>();
  return async (target, values) => {
    const { server, tool } = target;
    if (tool.sideEffects === 'read') return true;
    const key = JSON.stringify([server, tool.name]);
    if (trusted.has(key)) return true;
    const run = { title: 'Run' };
    const runAlways = { title: "Run and Don't Ask Again for This Tool" };
    const answer = await showWarning(
      `Run "${nameOf(target)}" on ${cleanLine(server)}?`,
      { modal: true, detail: `This tool can change things.\n\n${argumentSummary(values)}` },
      run,
      runAlways,
    );
    if (answer === runAlways) trusted.add(key);
    return answer !== undefined;
  };
}
