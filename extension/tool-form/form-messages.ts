// What a tool's form page and the extension say to each other; types only, so that the page carries no parser for them.
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import type { OuterStep, OuterStepId } from './outer-step.ts';

/** The tool by its own names, as the agent knows it. */
export interface FormTarget {
  readonly server: string;
  readonly tool: string;
}

export interface ToolHead {
  readonly server: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly sideEffects: 'read' | 'write';
}

export type RunView =
  | { readonly kind: 'idle' }
  /** The person is asked whether the tool may run. */
  | { readonly kind: 'asking' }
  | {
      readonly kind: 'running';
      readonly isCancelling: boolean;
      /** 0 to 1; absent while the server has not said how much there is. */
      readonly share?: number;
      readonly message?: string;
    }
  | { readonly kind: 'done'; readonly durationMs: number }
  | { readonly kind: 'cancelled'; readonly message: string; readonly action?: string }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly title: string;
      readonly meaning: string;
      /** In the words of the agent or the server; may be empty. */
      readonly message: string;
      readonly advice: string;
      readonly retryHint?: string;
      readonly requestId?: string;
      readonly step?: OuterStep;
    };

export type ToForm =
  | {
      readonly type: 'show';
      /** Another number means other values to start from; the same, that what was filled in goes on. */
      readonly revision: number;
      readonly target: FormTarget;
      readonly head: ToolHead;
      readonly inputSchema: JsonObject;
      /** Stands for the defaults of the schema. */
      readonly arguments?: JsonObject;
      readonly run: RunView;
    }
  | { readonly type: 'run'; readonly run: RunView };

export type ToPage =
  | ToForm
  /** After a reload of the window: there is no form yet, and maybe none any more. */
  | { readonly type: 'without'; readonly message: string; readonly isGone: boolean };

export type ToHost =
  /** The zone of the reader's screen; an extension may run elsewhere. */
  | { readonly type: 'ready'; readonly timeZone?: string | undefined }
  /** As JSON text, which keeps every name as it is. */
  | { readonly type: 'run'; readonly arguments: string }
  | { readonly type: 'cancel' }
  | { readonly type: 'openResult' }
  | { readonly type: 'chooseTool' }
  | { readonly type: 'step'; readonly id: OuterStepId };
