// mcp.json as text to server entries with their problems; one bad entry does not spoil the others.
import * as z from 'zod';
import { isRecord } from '../is-record.ts';
import { parseJsonc } from '../parse-jsonc.ts';
import { checkEntry, checkShadowed, restrictions } from './check-entry.ts';
import { checkTopLevel } from './check-top-level.ts';
import { entryProblemText } from './entry-problem.ts';
import { registeredMark, type ServerEntry } from './server-entry.ts';

export interface ParsedServer {
  name: string;
  /** Undefined when the entry cannot be used; `problems` say why. */
  entry: ServerEntry | undefined;
  problems: string[];
  /**
   * True when something that was meant to restrict the server cannot be read: then an earlier entry of the name may not stay in
   * force either, since it restricts less.
   */
  mustStop: boolean;
  /** What the entry is about, also when it cannot be used. */
  meant: MeantEntry;
}

interface MeantEntry {
  /** It came over the bus. */
  isRegistered: boolean;
  /** As it is written. */
  url: string | undefined;
  profile: string | undefined;
  /** It has a key that makes a server do less. */
  restricts: boolean;
}

export type ParsedMcpConfig = { ok: true; servers: ParsedServer[] } | { ok: false; problem: string };

const fileSchema = z.looseObject({
  mcpServers: z.record(z.string(), z.unknown()).optional(),
  servers: z.record(z.string(), z.unknown()).optional(),
});

/**
 * JSON with comments and trailing commas. `servers` (VS Code's name) is read beside `mcpServers`, which wins. `{}` means no
 * servers; an empty file does not, for it may be one that is being saved.
 */
export function parseMcpConfig(text: string, options: { profiles: readonly string[] }): ParsedMcpConfig {
  if (text.trim() === '') return { ok: false, problem: 'the file is empty; write {} for no servers' };
  const json = parseJsonc(text);
  if (!json.ok) return json;
  const file = fileSchema.safeParse(json.value);
  if (!file.success)
    return { ok: false, problem: 'the top level must be an object with "mcpServers", an object of servers by name' };
  const { servers = {}, mcpServers = {} } = file.data;
  const [problem] = checkTopLevel(file.data);
  if (problem !== undefined) return { ok: false, problem: problem.sentence };
  return {
    ok: true,
    servers: Object.entries({ ...servers, ...mcpServers }).map(([name, entry]) => {
      const isTwice = Object.hasOwn(servers, name) && Object.hasOwn(mcpServers, name);
      const server = parseServer(name, entry, options.profiles);
      return isTwice ? withShadowed(server, servers[name]) : server;
    }),
  };
}

/** An entry that is not read because another one has its name: it may hold no credential either. */
function withShadowed(server: ParsedServer, shadowed: unknown): ParsedServer {
  const found = [...checkShadowed(server.name, shadowed)].map((problem) => `in "servers" ${entryProblemText(problem)}`);
  if (found.length === 0) return server;
  return { ...server, entry: undefined, problems: [...server.problems, ...new Set(found)] };
}

/** Checks one entry as it would stand in mcp.json. */
export function parseServer(name: string, raw: unknown, profiles: readonly string[]): ParsedServer {
  const { entry, problems } = checkEntry(name, raw, profiles);
  return {
    name,
    entry: problems.length === 0 ? entry : undefined,
    problems: [...new Set(problems.map(entryProblemText))],
    mustStop: problems.some(({ restricts }) => restricts),
    meant: meantEntry(raw),
  };
}

const meantSchema = z.object({
  url: z.string().optional().catch(undefined),
  auth: z
    .object({ profile: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  [registeredMark]: z.literal(true).optional().catch(undefined),
});

function meantEntry(raw: unknown): MeantEntry {
  const { url, auth, [registeredMark]: mark } = meantSchema.safeParse(raw).data ?? {};
  const keys = isRecord(raw) ? Object.keys(raw) : [];
  return {
    isRegistered: mark === true,
    url,
    profile: auth?.profile,
    restricts: keys.some((key) => restrictions.has(key)),
  };
}
