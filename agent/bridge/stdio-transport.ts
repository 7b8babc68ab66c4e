// The SDK's stdio transport, whose process does not outlive the agent: the SDK ends it in steps of seconds, and the agent may have
// to end before they are over.
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/sdk/client/stdio.js';

/** Processes that were started and have not ended as far as is known. */
const living = new Set<number>();

function killLiving(): void {
  for (const pid of living)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended just now.
    }
}

export class StdioTransport extends StdioClientTransport {
  #pid: number | undefined;
  #closing: Promise<void> | undefined;

  constructor(server: StdioServerParameters) {
    super(server);
    this.onclose = () => {
      this.#ended();
    };
  }

  override async start(): Promise<void> {
    await super.start();
    if (this.pid === null) return;
    this.#pid = this.pid;
    if (living.size === 0) process.once('exit', killLiving);
    living.add(this.#pid);
  }

  /** Closes its stdin, after two seconds tells it to end, after two more kills it. */
  override close(): Promise<void> {
    // The SDK closes by itself what it could not initialise; whoever closes next waits for the same end.
    this.#closing ??= super.close().finally(() => {
      this.#ended();
    });
    return this.#closing;
  }

  #ended(): void {
    if (this.#pid === undefined) return;
    living.delete(this.#pid);
    this.#pid = undefined;
    if (living.size === 0) process.off('exit', killLiving);
  }
}
