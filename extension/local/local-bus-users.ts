// Who may do what on a local bus: the agent and the UI of one person, and nobody else of this machine; pure.
import { events, requests } from '../../shared/contract/contract.ts';
import { inboxPrefix } from '../bus/bus-credentials.ts';
import type { NatsUser } from './nats-server-config.ts';

export interface LocalBusUsers {
  agentName: string;
  /** Public nkeys. */
  agent: string;
  ui: string;
}

/** The same rights as in deploy/nats/accounts.conf, taken from the contract itself. */
export function localBusUsers({ agentName, agent, ui }: LocalBusUsers): NatsUser[] {
  const asked = Object.values(requests).map(({ subject }) => subject(agentName));
  const told = Object.entries(events).map(([name, { subject }]) =>
    // Its last token is the id of a call.
    subject(name === 'toolProgress' ? `${agentName}.*` : agentName),
  );
  return [
    { nkey: agent, permissions: { subscribe: asked, publish: told, allowResponses: true } },
    { nkey: ui, permissions: { publish: asked, subscribe: [`${inboxPrefix(ui)}.>`, ...told] } },
  ];
}
