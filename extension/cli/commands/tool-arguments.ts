// Reads the arguments of a tool call from the command line, a file or stdin.
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UsageError } from '../cli-errors.ts';

const example = `Give a JSON object, for example --args '{"entityUrls":["/me"]}', or --args @file.json, or --args @- for stdin.`;

/** @throws UsageError */
export async function readToolArguments(
  args: string | undefined,
  { stdin, signal }: { stdin: NodeJS.ReadStream; signal: AbortSignal },
): Promise<Record<string, unknown>> {
  if (args === undefined) return {};
  const text = args === '@-' ? await readAll(stdin, signal) : args.startsWith('@') ? await read(args.slice(1)) : args;
  const where = args.startsWith('@') ? (args === '@-' ? 'stdin' : args.slice(1)) : '--args';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where} is no JSON: ${(error as Error).message}.`, example);
  }
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (!object.success) throw new UsageError(`${where} is JSON, but no object.`, example);
  return object.data;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, example);
  }
}

async function readAll(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  const stop = (): void => void stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  signal.throwIfAborted();
  return Buffer.concat(chunks).toString('utf8');
}
