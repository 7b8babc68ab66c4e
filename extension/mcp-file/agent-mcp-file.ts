// The mcp.json on the agent as this window may see it: as a manager, or where the bus does not let it manage, as a viewer. It knows
// no vscode.
import type { ReplyOf, RequestInputOf, RequestName } from '../../shared/contract/contract.ts';
import type { AppliedMcpFile, McpFileContent } from '../../shared/contract/manage-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export interface AgentMcpFileOptions {
  request: <Name extends RequestName>(name: Name, payload: RequestInputOf<Name>) => Promise<ReplyOf<Name>>;
}

export interface ReadMcpFile extends McpFileContent {
  /** The bus lets this user change servers. */
  mayManage: boolean;
}

export class AgentMcpFile {
  readonly #options: AgentMcpFileOptions;
  /** Undefined until the bus was tried. */
  #mayManage: boolean | undefined;
  #reading: Promise<ReadMcpFile> | undefined;

  constructor(options: AgentMcpFileOptions) {
    this.#options = options;
  }

  /** Another agent or user: what was learnt of rights is void. */
  reset(): void {
    this.#mayManage = undefined;
    this.#reading = undefined;
  }

  /** As it stands now; those who ask together share an answer. Throws RockBotError. */
  read(): Promise<ReadMcpFile> {
    if (this.#reading !== undefined) return this.#reading;
    const reading = this.#read().finally(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
    return reading;
  }

  /** Throws RockBotError; with the reason `conflict` when the file is not of that version any more. */
  async write(text: string, version: string | undefined): Promise<{ file: ReadMcpFile; applied: AppliedMcpFile }> {
    const payload = { action: 'write', text, ...(version !== undefined && { version }) } as const;
    const { file, applied } = await this.#options.request('mcpManage', payload);
    if (file === undefined || applied === undefined) throw tooOld();
    return { file: { ...file, mayManage: true }, applied };
  }

  async #read(): Promise<ReadMcpFile> {
    if (this.#mayManage !== false) {
      try {
        const { file } = await this.#options.request('mcpManage', { action: 'read' });
        this.#mayManage = true;
        if (file === undefined) throw tooOld();
        return { ...file, mayManage: true };
      } catch (error) {
        if (!(error instanceof RockBotError)) throw error;
        if (error.code === 'invalid_request') throw tooOld(error);
        if (error.code !== 'forbidden') throw error;
        this.#mayManage = false;
      }
    }
    const { file } = await this.#options.request('mcpFile', {});
    return { ...file, mayManage: false };
  }
}

function tooOld(cause?: RockBotError): RockBotError {
  return new RockBotError({
    code: 'server_unavailable',
    retryable: false,
    message: 'This agent does not give its mcp.json over the bus yet.',
    action: 'Update the agent, or have its operator change the file where it is.',
    cause,
  });
}
