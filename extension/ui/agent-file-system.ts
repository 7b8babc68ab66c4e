// The mcp.json on the agent as a file of VS Code, `rockbot:/<agent>/mcp.json`: read and saved over the bus. What is compared and said
// is decided in mcp-file/.
import {
  Disposable,
  EventEmitter,
  FileChangeType,
  FilePermission,
  FileSystemError,
  FileType,
  workspace,
  type FileChangeEvent,
  type FileStat,
  type FileSystemProvider,
  type Uri,
} from 'vscode';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { AgentMcpFile, ReadMcpFile } from '../mcp-file/agent-mcp-file.ts';
import { agentPath, agentScheme, parseAgentPath } from '../mcp-file/agent-file-path.ts';
import { FileMarks } from '../mcp-file/file-marks.ts';
import { GivenVersions } from '../mcp-file/given-versions.ts';
import { readOnlyText, refusedText, savedText } from '../mcp-file/saved-text.ts';
import { showInfo, showWarning } from './messages.ts';

export interface AgentFileSystemOptions {
  file: Pick<AgentMcpFile, 'read' | 'write'>;
  /** Name of the agent that this window is connected to. */
  agentName: () => string;
  /** Resolves when the agent is heard, or when it is not worth while to wait any longer. */
  connected: () => Promise<void>;
}

export interface AgentFileSystem extends Disposable {
  /** Looks whether the file has changed elsewhere, where it is open. */
  look(): Promise<void>;
  /** Another agent is gone to. */
  left(): void;
}

/** Where there is no file yet: what one begins with. */
const emptyFile = '{\n  "mcpServers": {}\n}\n';
const noVersion = 'none';
/** Milliseconds after a save in which somebody would go on typing. */
const quietMs = 800;

export function createAgentFileSystem({ file, agentName, connected }: AgentFileSystemOptions): AgentFileSystem {
  const changes = new EventEmitter<FileChangeEvent[]>();
  const marks = new FileMarks(Date.now);
  const given = new GivenVersions(Date.now);
  /** What VS Code was last told. */
  let told: string | undefined;
  let saidReadOnly = '';
  /** What was written is not what the editor has: the agent marks new entries, and keeps the layout of the operator's. */
  let isOther = false;
  let reading: NodeJS.Timeout | undefined;

  const isOpen = (): boolean => workspace.textDocuments.some(({ uri }) => isFile(uri));
  const isFile = ({ scheme, path }: Uri): boolean => scheme === agentScheme && path === agentPath(agentName());

  async function read(uri: Uri): Promise<ReadMcpFile> {
    const path = parseAgentPath(uri.path);
    if (path.kind !== 'mcp_json') throw FileSystemError.FileNotFound(uri);
    await connected();
    if (path.agent !== agentName())
      throw FileSystemError.Unavailable(
        `This window is connected to the agent "${agentName()}", and not to "${path.agent}".`,
      );
    return file.read().catch((error: unknown) => {
      throw unavailable(error);
    });
  }

  function textOf({ exists, text }: ReadMcpFile): string {
    return exists ? text : emptyFile;
  }

  const provider: FileSystemProvider = {
    onDidChangeFile: changes.event,
    watch: () => new Disposable(() => undefined),

    async stat(uri): Promise<FileStat> {
      const { kind } = parseAgentPath(uri.path);
      if (kind === 'folder') return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };
      try {
        const now = await read(uri);
        given.give(now.version);
        told = now.version ?? noVersion;
        const mark = marks.mark({ version: told, bytes: Buffer.byteLength(textOf(now)) });
        const isReadOnly = readOnlyText(agentName(), now) !== undefined;
        return { type: FileType.File, ctime: 0, ...mark, ...(isReadOnly && { permissions: FilePermission.Readonly }) };
      } catch (error) {
        given.fail(error instanceof FileSystemError ? error.message : undefined);
        throw error;
      }
    },

    async readFile(uri): Promise<Uint8Array> {
      const now = await read(uri);
      const why = readOnlyText(agentName(), now) ?? '';
      if (why !== '' && why !== saidReadOnly) void showInfo(why);
      saidReadOnly = why;
      return Buffer.from(textOf(now));
    },

    async writeFile(uri, content): Promise<void> {
      const path = parseAgentPath(uri.path);
      if (path.kind !== 'mcp_json') throw FileSystemError.NoPermissions(uri);
      const base = given.toReplace();
      if (path.agent !== agentName() || base === undefined)
        throw FileSystemError.Unavailable(
          `Nothing was written, and your text is still here. ${given.why ?? 'The file on the agent could not be compared with yours just now: save again.'}`,
        );
      const text = Buffer.from(content).toString('utf8');
      const saved = await file.write(text, base.version).catch((error: unknown) => {
        throw notSaved(error);
      });
      isOther = saved.file.text !== text;
      const { text: message, isTrouble } = savedText(agentName(), saved.applied);
      void (isTrouble ? showWarning : showInfo)(message);
    },

    readDirectory: (uri): [string, FileType][] => {
      const isOwn = uri.path.split('/').includes(agentName());
      return isOwn ? [['mcp.json', FileType.File]] : [[agentName(), FileType.Directory]];
    },
    createDirectory: (uri) => {
      throw FileSystemError.NoPermissions(uri);
    },
    delete: (uri) => {
      throw FileSystemError.NoPermissions(uri);
    },
    rename: (uri) => {
      throw FileSystemError.NoPermissions(uri);
    },
  };

  function changed(uri: Uri): void {
    changes.fire([{ type: FileChangeType.Changed, uri }]);
  }

  const parts = [
    workspace.registerFileSystemProvider(agentScheme, provider, { isCaseSensitive: true }),
    workspace.onDidSaveTextDocument((document) => {
      if (!isFile(document.uri) || !isOther) return;
      isOther = false;
      clearTimeout(reading);
      reading = setTimeout(() => {
        // Who has gone on typing would meet a conflict with nobody; the next save comes here again.
        if (document.isDirty || document.isClosed) return;
        marks.touch();
        changed(document.uri);
      }, quietMs);
    }),
    changes,
  ];

  return {
    async look() {
      const open = workspace.textDocuments.find(({ uri }) => isFile(uri));
      if (open === undefined || told === undefined) return;
      const { version = noVersion } = await file.read();
      if (version !== told) changed(open.uri);
    },
    left() {
      saidReadOnly = '';
      given.fail();
      for (const { uri } of isOpen() ? workspace.textDocuments : []) if (isFile(uri)) changed(uri);
    },
    dispose: () => {
      clearTimeout(reading);
      for (const part of parts) part.dispose();
    },
  };
}

function unavailable(error: unknown): FileSystemError {
  return FileSystemError.Unavailable(refusedText(error));
}

function notSaved(error: unknown): Error {
  if (error instanceof RockBotError && error.reason === 'conflict')
    return FileSystemError.Unavailable(
      'Somebody else changed the file on the agent at this moment. Nothing was written: save again to compare.',
    );
  return new Error(refusedText(error));
}
