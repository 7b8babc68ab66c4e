// What the agent that "rockbot agent" starts is to use: its own settings, unless this command line says otherwise. It reads no file.
import { defaultAgent, defaultBusUrl, type CliSettings } from './settings.ts';

export interface AgentSettings {
  busUrl: string;
  agent: string;
  /** Whether the credentials of the command line are the agent's as well. */
  usesCliCredentials: boolean;
  /** Certificate authority of the bus. */
  busCaFile: string | undefined;
  /** What the agent is given beside its own environment. */
  env: Record<string, string>;
}

/** `own`: settings of the agent by variable name, from its environment and its file. */
export function resolveAgentSettings(cli: CliSettings, own: ReadonlyMap<string, string>): AgentSettings {
  const text = (name: string): string | undefined => own.get(name)?.trim() || undefined;
  const { credentialsFile, given } = cli;
  const hasOwnCredentials = text('Nats__NkeySeedFile') !== undefined || text('Nats__CredsFile') !== undefined;
  // A variable may name a person's key for all other commands; the agent's own one is not to be lost to it.
  const usesCliCredentials = credentialsFile !== undefined && (credentialsFile.isOption || !hasOwnCredentials);
  return {
    busUrl: given.busUrl ?? text('Nats__Url') ?? defaultBusUrl,
    agent: given.agent ?? text('Agent__Name') ?? defaultAgent,
    usesCliCredentials,
    busCaFile: text('Nats__CaFile'),
    env: {
      ...(given.busUrl !== undefined && { Nats__Url: given.busUrl }),
      ...(given.agent !== undefined && { Agent__Name: given.agent }),
      // The two exclude each other, and an empty variable hides what the file says.
      ...(usesCliCredentials && {
        Nats__NkeySeedFile: credentialsFile.kind === 'nkey' ? credentialsFile.path : '',
        Nats__CredsFile: credentialsFile.kind === 'creds' ? credentialsFile.path : '',
      }),
    },
  };
}
