// What running a tool needs from the connection to the agent, and one run of a tool as the surfaces follow it.
import type { ListedServer, ListedTool, ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';

export interface ToolCallRequest {
  readonly callId: string;
  readonly server: string;
  readonly tool: string;
  readonly arguments: JsonObject;
  /** As the tool was listed; it stays in the window. */
  readonly sideEffects: ListedTool['sideEffects'];
}

export interface ToolProgress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export interface ToolCaller {
  list(): Promise<readonly ListedServer[]>;
  /**
   * Resolves with the outcome, a failed one included; an aborted `signal` also cancels the call on the agent.
   * @throws RockBotError when the agent was not reached
   */
  call(
    request: ToolCallRequest,
    options: { readonly signal: AbortSignal; readonly onProgress: (progress: ToolProgress) => void },
  ): Promise<ToolResultEvent>;
}

/** The tool that a form or a run is about. */
export interface ToolTarget {
  readonly server: string;
  readonly tool: ListedTool;
}

/** How tree views and "Run again" name what they want to run. */
export interface ToolPreset {
  readonly server: string;
  readonly tool: string;
  readonly arguments?: JsonObject | undefined;
}
