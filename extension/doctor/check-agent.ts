// Findings about the agent as it shows itself on the bus: heartbeats, how many there are, its version, its clock.
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { skewText } from '../../shared/doctor/skew-text.ts';
import { clockSkewSeconds, lifetimeSeconds } from '../../shared/hand-off/hand-off-claims.ts';

export interface AgentHeard {
  instance: string;
  version: string;
}

export function checkHeartbeat(heard: readonly AgentHeard[], waitedMs: number): Finding {
  if (heard.length > 0) return finding('agent.heartbeat', 'ok', 'It sends heartbeats.');
  return finding('agent.heartbeat', 'failed', `No heartbeat came within ${Math.round(waitedMs / 1000)} s.`, {
    action: 'Have the operator of the bus allow the agent to publish agent.status, and look at the log of the agent.',
  });
}

/** `told`: what the agent itself says of others, if it looks at itself. */
export function checkSingle(heard: readonly AgentHeard[], told: Finding | undefined): Finding {
  const instances = [...new Set(heard.map(({ instance }) => instance))];
  if (instances.length > 1)
    return finding('agent.single', 'failed', `${instances.length} agents have this name (${instances.join(', ')}).`, {
      fault: 'configuration',
      action: 'Have the operator stop all but one, or give each a name of its own (Agent__Name).',
    });
  return told ?? finding('agent.single', 'ok', 'One agent is heard.');
}

export function checkVersion({ own, agent }: { own: string; agent: string }): Finding {
  const [ours, theirs] = [minor(own), minor(agent)];
  if (ours === undefined || theirs === undefined || (ours[0] === theirs[0] && ours[1] === theirs[1]))
    return finding(
      'agent.version',
      'ok',
      own === agent ? `Both are ${own}.` : `This is ${own}, the agent is ${agent}.`,
    );
  const isOlder = ours[0] < theirs[0] || (ours[0] === theirs[0] && ours[1] < theirs[1]);
  return finding('agent.version', 'warning', `This is ${own}, the agent is ${agent}.`, {
    action: isOlder
      ? `Update this program to ${theirs.join('.')}.`
      : `Have the operator update the agent to ${ours.join('.')}.`,
  });
}

/** Undefined for what is run from the sources, which have no version yet. */
function minor(version: string): [number, number] | undefined {
  if (version.endsWith('-dev')) return undefined;
  const [, major, second] = /^(\d+)\.(\d+)\b/.exec(version) ?? [];
  return major === undefined ? undefined : [Number(major), Number(second)];
}

/** `aheadMs`: by how much this clock is ahead of the agent's; `tookMs`: how long the answer took, which blurs it. */
export function checkClock({ aheadMs, tookMs }: { aheadMs: number; tookMs: number }): Finding {
  const certainMs = Math.sign(aheadMs) * Math.max(0, Math.abs(aheadMs) - tookMs / 2);
  const ours = `This clock is ${skewText(aheadMs)} of the agent's`;
  const action = 'Have both clocks set by NTP.';
  const isRefused = certainMs > clockSkewSeconds * 1000 || certainMs < -(lifetimeSeconds + clockSkewSeconds) * 1000;
  if (isRefused)
    return finding('agent.clock', 'failed', `${ours}; a sign-in from here is refused as expired or as not valid yet.`, {
      action,
    });
  if (Math.abs(certainMs) > (clockSkewSeconds * 1000) / 2)
    return finding('agent.clock', 'warning', `${ours}; not much more is forgiven.`, { action });
  return finding('agent.clock', 'ok', 'The clocks agree.');
}
