// Findings about rights on the bus in both directions: what this user may send and hear, what it should not be able to, and
// what the agent is able to serve.
import { events, requests, type EventName, type RequestName } from '../../shared/contract/contract.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import type { BusRights, RequestOutcome } from '../bus/bus-rights.ts';
import { isLoopbackUrl, permissionViolation } from '../bus/bus-failures.ts';

export interface RightsOptions {
  rights: BusRights;
  agent: string;
  busUrl: string;
  hasCredentials: boolean;
}

export interface RightsFound {
  findings: Finding[];
  /** What the agent listens to; nothing when it does not answer at all. */
  serving: Finding[];
  /** Without it nothing that is asked gets an answer. */
  mayHearAnswers: boolean;
  mayHearHeartbeats: boolean;
}

/** What somebody needs to look; deploy/nats gives viewers these alone. */
const looking: ReadonlySet<RequestName> = new Set([
  'authProfile',
  'authState',
  'toolList',
  'mcpFile',
  'resourceList',
  'promptList',
  'patrolList',
  'agentLook',
]);
const lookingEvents: ReadonlySet<EventName> = new Set([
  'authChanged',
  'authExpired',
  'mcpServersIndexed',
  'agentStatus',
]);
/** Younger than the others: accounts and agents of before do not know them. */
const ofDoctor: ReadonlySet<RequestName> = new Set(['agentLook', 'agentCheck']);

const askOperator =
  'Ask the operator of the bus for the missing rights; deploy/nats/accounts.conf has all that are needed.';
const requestNames = Object.keys(requests) as RequestName[];
const eventNames = Object.keys(events) as EventName[];

export async function checkRights({ rights, agent, busUrl, hasCredentials }: RightsOptions): Promise<RightsFound> {
  if (!(await rights.mayHearAnswers())) {
    const { message } = permissionViolation('_INBOX_…', 'subscribe');
    return { findings: [deaf(message)], serving: [], mayHearAnswers: false, mayHearHeartbeats: false };
  }
  const replies = await Promise.all(requestNames.map(async (name) => ({ name, outcome: await rights.request(name) })));
  const heard = await Promise.all(
    eventNames.map(async (name) => ({ name, isHeard: await rights.maySubscribe(eventSubject(name, agent)) })),
  );
  const named = (outcome: RequestOutcome): RequestName[] =>
    replies.filter((reply) => reply.outcome === outcome).map(({ name }) => name);
  const forbidden = named('forbidden');
  const deafTo = heard.filter(({ isHeard }) => !isHeard).map(({ name }) => name);
  return {
    findings: [
      finding('bus.answers', 'ok', 'Answers come to your inbox.'),
      publishing(forbidden, agent),
      subscribing(deafTo, { agent, isViewer: isViewer(forbidden) }),
      await leastRights({ rights, agent, busUrl, hasCredentials }),
    ],
    serving: serving(named('nobody'), named('answered').length > 0, agent),
    mayHearAnswers: true,
    mayHearHeartbeats: !deafTo.includes('agentStatus'),
  };
}

function eventSubject(name: EventName, agent: string): string {
  return events[name].subject(name === 'toolProgress' ? `${agent}.*` : agent);
}

function deaf(what: string): Finding {
  return finding('bus.answers', 'failed', what, {
    fault: 'permission',
    action: 'Ask the operator of the bus to allow "_INBOX_<your public nkey>.>" for your user.',
  });
}

/** May look at everything and act nowhere. */
function isViewer(forbidden: readonly RequestName[]): boolean {
  return requestNames.every((name) => looking.has(name) !== forbidden.includes(name));
}

function publishing(forbidden: readonly RequestName[], agent: string): Finding {
  const list = forbidden.map((name) => requests[name].subject(agent)).join(', ');
  if (forbidden.length === 0) return finding('bus.publish', 'ok', 'Everything may be asked.');
  if (isViewer(forbidden))
    return finding('bus.publish', 'note', 'You may look and not act: tools, sign-in and mcp.json are for others.');
  if (forbidden.every((name) => ofDoctor.has(name)))
    return finding('bus.publish', 'warning', `The bus does not let you publish to ${list}.`, { action: askOperator });
  return finding('bus.publish', 'failed', `The bus does not let you publish to ${list}.`, {
    fault: 'permission',
    action: askOperator,
  });
}

function subscribing(
  deafTo: readonly EventName[],
  { agent, isViewer: looksOnly }: { agent: string; isViewer: boolean },
): Finding {
  if (deafTo.length === 0) return finding('bus.subscribe', 'ok', 'States and results can be followed.');
  if (looksOnly && deafTo.every((name) => !lookingEvents.has(name)))
    return finding('bus.subscribe', 'note', 'States can be followed; results and questions are for others.');
  const list = deafTo.map((name) => eventSubject(name, agent)).join(', ');
  return finding('bus.subscribe', 'failed', `The bus does not let you subscribe to ${list}.`, {
    fault: 'permission',
    action: askOperator,
  });
}

/** Only those are tried that nobody but the agent needs; what comes meanwhile is thrown away. */
async function leastRights({ rights, agent, busUrl, hasCredentials }: RightsOptions): Promise<Finding> {
  const [handOffs, calls, states] = await Promise.all([
    rights.maySubscribe(requests.authCache.subject(agent)),
    rights.maySubscribe(requests.toolInvoke.subject(agent)),
    rights.mayPublish(events.authChanged.subject(agent)),
  ]);
  const tooMuch = [
    ...(handOffs ? [`subscribe to the hand-offs (${requests.authCache.subject(agent)})`] : []),
    ...(calls ? [`take calls in its place (${requests.toolInvoke.subject(agent)})`] : []),
    ...(states ? [`publish states in its name (${events.authChanged.subject(agent)})`] : []),
  ];
  if (tooMuch.length === 0) return finding('bus.least-rights', 'ok', 'You cannot act as the agent.');
  if (!hasCredentials && isLoopbackUrl(busUrl))
    return finding('bus.least-rights', 'ok', 'A bus of this machine without users: everybody here may do everything.');
  return finding('bus.least-rights', 'warning', `You could ${tooMuch.join(', and ')}.`, {
    action: 'Have the operator of the bus narrow the rights as deploy/nats/accounts.conf does.',
  });
}

/** Nobody listens to some, while the agent answers to others. */
function serving(nobody: readonly RequestName[], isThere: boolean, agent: string): Finding[] {
  if (!isThere) return [];
  if (nobody.length === 0) return [finding('agent.serves', 'ok', 'The agent listens to all of them.')];
  const list = nobody.map((name) => requests[name].subject(agent)).join(', ');
  const isOlder = nobody.every((name) => ofDoctor.has(name));
  return [
    isOlder
      ? finding('agent.serves', 'warning', `The agent does not listen to ${list}.`, {
          action: 'Update the agent, or allow it these subjects in the accounts of the bus.',
        })
      : finding('agent.serves', 'failed', `The agent does not listen to ${list}.`, {
          fault: 'permission',
          action:
            'Have the operator of the bus allow the agent these subjects (deploy/nats/accounts.conf), or update the agent.',
        }),
  ];
}
