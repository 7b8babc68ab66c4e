// What the agent tells the bus of itself: heartbeats, and servers that have changed, many of them together. It knows neither
// requests nor the notice of an expired sign-in.
import type { AuthState } from '../shared/contract/auth-state.ts';
import type { EventOf } from '../shared/contract/contract.ts';
import { heartbeatIntervalMs } from '../shared/contract/status-messages.ts';
import type { ListedServer } from '../shared/contract/tool-messages.ts';
import type { Bus } from './bus.ts';

export interface AgentAnnouncerOptions {
  /** Who it is: instance, version, start. */
  about: Pick<EventOf<'agentStatus'>, 'instance' | 'version' | 'startedAt'>;
  /** Undefined before the first connection. */
  bus: () => Pick<Bus, 'publish' | 'connected'> | undefined;
  servers: () => readonly ListedServer[];
  auth: () => AuthState;
}

/** Milliseconds in which changes of servers are collected. */
const collectMs = 50;

/** Bytes of the names of tools in one event; the bus takes a megabyte. */
const maxNamesBytes = 256 * 1024;

export class AgentAnnouncer {
  readonly #options: AgentAnnouncerOptions;
  /** Names of servers that are gone, until they were told. */
  readonly #removed = new Set<string>();
  #collecting: ReturnType<typeof setTimeout> | undefined;
  #heart: ReturnType<typeof setInterval> | undefined;

  constructor(options: AgentAnnouncerOptions) {
    this.#options = options;
  }

  /** Beats from now on. */
  start(): void {
    this.#beat();
    this.#heart = setInterval(() => {
      this.#beat();
    }, heartbeatIntervalMs);
  }

  /** One beat more, for somebody who listens now. */
  beat(): void {
    this.#beat();
  }

  /** The bus is back: everything is told anew, with what was missed. */
  reconnected(): void {
    this.#options.bus()?.publish('authChanged', this.#options.auth());
    this.serversChanged([]);
    this.#beat();
  }

  serversChanged(removed: readonly string[]): void {
    for (const name of removed) this.#removed.add(name);
    this.#collecting ??= setTimeout(() => {
      this.#collecting = undefined;
      this.#tellServers();
    }, collectMs);
  }

  /** The last beat. */
  stop(): void {
    clearInterval(this.#heart);
    clearTimeout(this.#collecting);
    this.#beat({ stopping: true });
  }

  #tellServers(): void {
    const bus = this.#options.bus();
    if (bus?.connected !== true) return;
    const servers = namesWithin(maxNamesBytes, this.#options.servers());
    bus.publish('mcpServersIndexed', { servers, removed: [...this.#removed] });
    this.#removed.clear();
  }

  #beat(more: { stopping?: boolean } = {}): void {
    const { about, bus: current, servers, auth } = this.#options;
    const bus = current();
    if (bus?.connected !== true) return;
    bus.publish('agentStatus', {
      ...about,
      auth: auth(),
      servers: servers().map(({ name, state, tools }) => ({ name, state, tools: tools.length })),
      ...more,
    });
  }
}

/** Names as far as there is room: an event that is too large for the bus would tell nothing at all. */
function namesWithin(bytes: number, servers: readonly ListedServer[]): EventOf<'mcpServersIndexed'>['servers'] {
  let left = bytes;
  return servers.map(({ name, state, tools }) => {
    const names: string[] = [];
    for (const tool of tools) {
      // Quotes and a comma; non-ASCII characters take up to three bytes, escaped ones up to six.
      left -= Buffer.byteLength(JSON.stringify(tool.name)) + 1;
      if (left < 0) return { name, state, tools: names, truncated: true };
      names.push(tool.name);
    }
    return { name, state, tools: names };
  });
}
