// What a command line asks for, once it is read; the commands take it from here and never see the words.

export interface GlobalOptions {
  nats?: string | undefined;
  nkey?: string | undefined;
  creds?: string | undefined;
  agent?: string | undefined;
  json: boolean;
  /** Milliseconds. */
  timeoutMs?: number | undefined;
}

export type SignInMethod = 'auto' | 'browser' | 'device_code';

export type Invocation =
  | { kind: 'auth_connect'; method: SignInMethod; trustNewKey: boolean }
  | { kind: 'auth_status' }
  | { kind: 'auth_disconnect' }
  | { kind: 'tools_list'; server: string | undefined }
  /** `args` as given: JSON, `@file`, `@-`, or nothing. */
  | { kind: 'tools_call'; server: string; tool: string; args: string | undefined }
  | { kind: 'resources_list'; server: string | undefined }
  | { kind: 'resources_read'; server: string; uri: string; file: string | undefined }
  | { kind: 'prompts_list'; server: string | undefined }
  /** `args` as of a tool call. */
  | { kind: 'prompts_get'; server: string; name: string; args: string | undefined }
  | { kind: 'servers_list' }
  | {
      kind: 'servers_add';
      name: string;
      url: string | undefined;
      profile: string | undefined;
      type: string | undefined;
    }
  | { kind: 'servers_remove'; name: string }
  | { kind: 'results'; follow: boolean }
  | { kind: 'agent_run' }
  | { kind: 'agent_status' }
  | { kind: 'doctor'; refresh: boolean; probe: boolean }
  | { kind: 'patrols_list' }
  | { kind: 'patrols_run'; name: string; wait: boolean; results: boolean }
  | {
      kind: 'patrols_history';
      name: string | undefined;
      runId: string | undefined;
      results: boolean;
      limit: number | undefined;
    }
  /** Without a file: the agent's own. */
  | { kind: 'patrols_validate'; file: string | undefined };

export type InvocationOf<Kind extends Invocation['kind']> = Extract<Invocation, { kind: Kind }>;
