// The guards of one server: those of its entry in mcp.json, those of its profile, and those that it inherits; a call has to pass
// them all.
import type { HiddenTool, ListedTool } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { checkCall, type GuardDenial } from '../../shared/guards/check-call.ts';
import { guardProblemText } from '../../shared/guards/guard-problem.ts';
import { toolRule } from '../../shared/guards/guard-rule.ts';
import { parseGuards, restrict, type Guards } from '../../shared/guards/parse-guards.ts';
import { deniesWholeTool } from '../../shared/guards/whole-tool.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import type { InheritedEntry } from './inherited-restrictions.ts';

export interface ServerGuardsOptions {
  server: string;
  entry: Pick<ServerEntry, 'guards'>;
  /** Of a server that takes a bearer of ours. */
  profile: { name: string; guards: Guards | undefined } | undefined;
  /** Entries of the operator whose guards and filters hold for this server, too. */
  inherited?: readonly InheritedEntry[];
}

/** Guards that a call brings with it, beside those of the server. */
export interface CallGuards {
  guards: Guards;
  /** Where they are set, for messages, such as `the patrol "morning" in patrols.json`. */
  place: string;
}

export class ServerGuards {
  readonly #server: string;
  readonly #isWorkIq: boolean;
  readonly #guards: Guards[] = [];
  /** Where each of the guards is set, for messages. */
  readonly #places: string[] = [];

  /** Throws RockBotError for guards that cannot be read; an entry with such guards is not used in the first place. */
  constructor({ server, entry, profile, inherited = [] }: ServerGuardsOptions) {
    this.#server = server;
    this.#isWorkIq = profile !== undefined;
    if (profile?.guards !== undefined) this.#add(profile.guards, `the profile "${profile.name}"`);
    if (entry.guards !== undefined) this.#add(readGuards(server, entry.guards), 'its entry in mcp.json');
    for (const { name, guards, allowedTools, deniedTools } of inherited) {
      const place = `the operator's entry "${name}" in mcp.json`;
      if (guards !== undefined) this.#add(readGuards(name, guards), place);
      if (allowedTools === undefined && deniedTools === undefined) continue;
      this.#add({ preset: 'full', allow: allowedTools?.map(toolRule), deny: (deniedTools ?? []).map(toolRule) }, place);
    }
  }

  #add(guards: Guards, place: string): void {
    this.#guards.push(guards);
    this.#places.push(place);
  }

  /** False when every call may pass. */
  get areRestricting(): boolean {
    return restrict(this.#guards);
  }

  /** `own`: those of the call itself, which has to pass them, too. Throws RockBotError `guard_denied`. */
  check(
    tool: Pick<ListedTool, 'name' | 'sideEffects'>,
    args: Readonly<Record<string, unknown>>,
    own?: CallGuards,
  ): void {
    const guards = own === undefined ? this.#guards : [...this.#guards, own.guards];
    const denial = checkCall({ ...this.#callOf(tool), arguments: args }, guards);
    if (denial === undefined) return;
    const place = own !== undefined && denial.index === this.#guards.length ? own.place : this.#placeOf(denial);
    throw new RockBotError({
      code: 'guard_denied',
      message: `A guard of "${this.#server}" does not let "${tool.name}" be called: ${denial.reason}. The call was not sent.`,
      action: `Ask for something else, or change the guards of ${place}, if that is yours to decide.`,
    });
  }

  /** Why the tool may not be called whatever its arguments are, if so. */
  hides(tool: Pick<ListedTool, 'name' | 'sideEffects'>): Pick<HiddenTool, 'code' | 'reason'> | undefined {
    const denial = deniesWholeTool(this.#callOf(tool), this.#guards);
    if (denial === undefined) return undefined;
    return { code: 'denied', reason: `a guard of ${this.#placeOf(denial)} denies it: ${denial.reason}` };
  }

  #callOf({ name, sideEffects }: Pick<ListedTool, 'name' | 'sideEffects'>) {
    return { tool: name, sideEffects, isWorkIq: this.#isWorkIq };
  }

  #placeOf({ index }: Pick<GuardDenial, 'index'>): string {
    return this.#places[index] ?? 'the server';
  }
}

function readGuards(server: string, guards: unknown): Guards {
  const parsed = parseGuards(guards);
  if (parsed.ok) return parsed.guards;
  throw new RockBotError({
    code: 'guard_denied',
    message: `The guards of "${server}" cannot be read: ${parsed.problems.map(guardProblemText).join('; ')}.`,
    action: 'Correct them in mcp.json.',
  });
}
