// What the one local agent of a user leaves in its folder for other windows: where its bus is and who owns it.
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { writePrivateFile } from '../consent/config-folder.ts';

const ownerSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  /** Tells a process from a later one with the same id; absent where it cannot be read. */
  processStart: z.string().optional(),
});

const recordSchema = z.object({
  version: z.literal(1),
  /** New with every start. */
  id: z.string().min(1),
  url: z.string().regex(/^ws:\/\/[\w.:[\]-]+$/),
  agentName: z.string(),
  owner: ownerSchema,
  /** Present once it is over: by a person's wish, or because the window of its owner closed. */
  ended: z.enum(['stopped', 'released']).optional(),
});

export type LocalAgentRecord = z.infer<typeof recordSchema>;

/** Milliseconds between signs of life of the owner, and after how long without one it counts as gone. */
export const renewIntervalMs = 2_000;
const staleMs = 30_000;

const recordPath = (folder: string): string => join(folder, 'local-agent.json');
const stopPath = (folder: string): string => join(folder, 'stop-asked');

/** Undefined when there is none that can be used. */
export async function readRecord(folder: string): Promise<LocalAgentRecord | undefined> {
  try {
    return recordSchema.safeParse(JSON.parse(await readFile(recordPath(folder), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The record of an agent that runs in some process, this one included. */
export async function readRunningRecord(folder: string): Promise<LocalAgentRecord | undefined> {
  const record = await readRecord(folder);
  if (record === undefined || record.ended !== undefined) return undefined;
  return (await isAlive(record.owner, folder)) ? record : undefined;
}

export async function writeRecord(
  folder: string,
  { id, url, agentName, ended }: Pick<LocalAgentRecord, 'id' | 'url' | 'agentName' | 'ended'>,
): Promise<void> {
  const owner = { pid: process.pid, host: hostname(), processStart: processStartOf(process.pid) };
  const record: LocalAgentRecord = { version: 1, id, url, agentName, owner, ...(ended !== undefined && { ended }) };
  await writePrivateFile(recordPath(folder), `${JSON.stringify(record)}\n`);
}

/** A sign of life; a record that is gone stays gone. */
export async function renewRecord(folder: string): Promise<void> {
  const now = new Date();
  await utimes(recordPath(folder), now, now).catch(() => undefined);
}

/** Asks the owner of this record, in whatever process, to stop. */
export async function askToStop(folder: string, id: string): Promise<void> {
  await writeFile(stopPath(folder), id, { mode: 0o600 });
}

/** True once when the owner of this record was asked to stop. */
export async function takeStopAsked(folder: string, id: string): Promise<boolean> {
  const asked = await readFile(stopPath(folder), 'utf8').catch(() => undefined);
  if (asked === undefined) return false;
  await rm(stopPath(folder), { force: true });
  return asked === id;
}

async function isAlive(owner: LocalAgentRecord['owner'], folder: string): Promise<boolean> {
  if (owner.host === hostname()) {
    if (!processExists(owner.pid)) return false;
    if (owner.processStart !== undefined) return owner.processStart === processStartOf(owner.pid);
  }
  // Another container that shares this folder, or a system that does not tell when a process began.
  const seen = await stat(recordPath(folder)).catch(() => undefined);
  return seen !== undefined && Date.now() - seen.mtimeMs < staleMs;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time in clock ticks since boot, from /proc/{pid}/stat field 22 (proc(5)). */
function processStartOf(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
