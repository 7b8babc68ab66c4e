// Every finding of the doctor by its stable id: its name and why it matters, in one place for agent, command line and window.
// It looks at nothing. docs/doctor.md has the same ids.
import type { Finding, FindingFault, FindingSeverity } from '../contract/check-messages.ts';

/** In the order in which they are looked at: each builds on those before it. */
export const findingTexts = {
  'settings.local': {
    name: 'Settings',
    why: 'A wrong setting leads to another bus or agent than the one that was meant, or to none.',
  },
  'bus.credentials': {
    name: 'Credentials',
    why: 'By them the bus knows who you are. On a bus without users, whoever reaches it acts with the account of the agent.',
  },
  'bus.reach': { name: 'Bus', why: 'Everything between you and the agent goes over the bus.' },
  'bus.encryption': {
    name: 'Encryption',
    why: 'Answers of tools are mail, files and calendars; without TLS everybody on the way can read them.',
  },
  'bus.answers': {
    name: 'Answers',
    why: 'The agent answers to your inbox; without the right to listen there, nothing gets back.',
  },
  'bus.publish': { name: 'Requests', why: 'What the bus does not let you send cannot be asked of the agent.' },
  'bus.subscribe': {
    name: 'Events',
    why: 'Without them you are not told of an expired sign-in, of results or of questions.',
  },
  'bus.least-rights': {
    name: 'Least rights',
    why: 'Whoever may act as the agent can take requests away from it, collect (sealed) sign-ins and invent results.',
  },
  'agent.answers': { name: 'Agent', why: 'The agent holds the sign-in and makes the calls.' },
  'agent.serves': { name: 'Served requests', why: 'What the agent does not listen to is answered by nobody.' },
  'agent.heartbeat': {
    name: 'Heartbeat',
    why: 'By it windows know that the agent lives, and agents that they are two.',
  },
  'agent.single': {
    name: 'One agent',
    why: 'Of two agents with one name each request reaches one at random, and only one of them has your sign-in.',
  },
  'agent.version': {
    name: 'Versions',
    why: 'The two sides are tested together in one version; others may lack what the other one asks for.',
  },
  'agent.key': {
    name: 'Agent key',
    why: 'Your sign-in is sealed to this key. Whoever shows another one may not be the agent.',
  },
  'agent.clock': {
    name: 'Clock of the agent',
    why: 'A sign-in that is handed over with a time too far from that of the agent is refused.',
  },
  'agent.checks': {
    name: 'Own checks of the agent',
    why: 'Its settings, its volume, Entra and the servers can be seen from the agent alone.',
  },
  'agent.configuration': {
    name: 'Configuration',
    why: 'What the agent warns of stops no start and may still not be what was meant.',
  },
  'agent.volume': {
    name: 'Volume',
    why: 'What cannot be stored is lost with a restart; no sign-in is taken over and no patrol is run meanwhile.',
  },
  'agent.disk': { name: 'Disk', why: 'On a full volume neither tokens nor records can be stored.' },
  'agent.secrets': { name: 'Secret files', why: 'Whoever reads them can act with the Microsoft 365 account.' },
  'agent.mcp-json': {
    name: 'mcp.json',
    why: 'A wrong entry is not in force, or in its last good state, which may not be what the file says.',
  },
  'agent.patrols-json': {
    name: 'patrols.json',
    why: 'A wrong patrol is stopped and a file that cannot be read takes no change, so that nobody looks at what it was to look at.',
  },
  'entra.reach': { name: 'Microsoft Entra', why: 'Every hour or so the agent needs a new token from there.' },
  'entra.tenant': { name: 'Tenant', why: 'In a tenant that does not exist nobody can sign in.' },
  'entra.clock': {
    name: 'Clock beside Entra',
    why: 'With a clock that is far off, tokens count as expired or as not valid yet.',
  },
  'sign-in.state': { name: 'Sign-in', why: 'Without it no tool that needs Microsoft 365 can be called.' },
  'sign-in.refresh': { name: 'Refresh', why: 'Only a new token proves that the sign-in still works.' },
  'servers.configured': { name: 'Servers', why: 'Tools come from the servers in mcp.json.' },
  'server.reach': { name: 'Reached', why: 'Tools of a server that does not answer cannot be called.' },
  'server.authorised': { name: 'Authorised', why: 'A server that refuses the token of the agent runs nothing.' },
  'server.entitled': {
    name: 'Entitled',
    why: 'Work IQ lists its tools to everybody; a missing licence or billing plan shows with the first call alone.',
  },
} as const satisfies Record<string, { name: string; why: string }>;

export type FindingId = keyof typeof findingTexts;

/** Those that the agent makes, in its order. */
export const agentFindingIds = [
  'agent.configuration',
  'agent.volume',
  'agent.disk',
  'agent.secrets',
  'agent.mcp-json',
  'agent.patrols-json',
  'entra.reach',
  'entra.tenant',
  'entra.clock',
  'sign-in.state',
  'sign-in.refresh',
  'servers.configured',
] as const satisfies readonly FindingId[];

export interface FindingFacts {
  of?: string | undefined;
  action?: string | undefined;
  /** `other` unless given. */
  fault?: FindingFault | undefined;
}

export function finding(
  id: FindingId,
  severity: FindingSeverity,
  what: string,
  { of, action, fault = 'other' }: FindingFacts = {},
): Finding {
  return {
    id,
    name: findingTexts[id].name,
    ...(of !== undefined && { of }),
    severity,
    what,
    why: findingTexts[id].why,
    ...(action !== undefined && { action }),
    ...(severity === 'failed' && { fault }),
  };
}

/** What builds on something that has failed. */
export function skipped(ids: readonly FindingId[], why: string, of?: string): Finding[] {
  return ids.map((id) => finding(id, 'skipped', why, { of }));
}
