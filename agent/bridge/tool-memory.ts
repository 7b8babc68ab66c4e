// The names of each server's tools as they were last listed, kept over a restart: a server that cannot be asked still has to be
// missed by name (promise S5).
import * as z from 'zod';
import type { KeptText } from '../files/kept-text.ts';

/** Lists of pairs, since names are strangers' words and one of them may be `__proto__`. */
const savedSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

/** Bytes of one server's names that are kept; a server may have as many as it likes. */
const maxNameBytes = 64 * 1024;

export class ToolMemory {
  readonly #kept: KeptText;
  readonly #names: Map<string, readonly string[]>;

  private constructor(kept: KeptText, names: Map<string, readonly string[]>) {
    this.#kept = kept;
    this.#names = names;
  }

  /** What cannot be read counts as nothing: it comes back with the next listing. */
  static async open(kept: KeptText): Promise<ToolMemory> {
    const text = await kept.load();
    return new ToolMemory(kept, new Map(text === undefined ? [] : parse(text)));
  }

  namesOf(server: string): readonly string[] {
    return this.#names.get(server) ?? [];
  }

  remember(server: string, names: readonly string[]): void {
    const kept = withinBound(names);
    if (JSON.stringify(kept) === JSON.stringify(this.namesOf(server))) return;
    this.#names.set(server, kept);
    this.#save();
  }

  forget(server: string): void {
    if (this.#names.delete(server)) this.#save();
  }

  close(): Promise<void> {
    return this.#kept.close();
  }

  #save(): void {
    this.#kept.saveSoon(() => JSON.stringify([...this.#names]));
  }
}

function parse(text: string): z.infer<typeof savedSchema> {
  try {
    return savedSchema.safeParse(JSON.parse(text)).data ?? [];
  } catch {
    return [];
  }
}

function withinBound(names: readonly string[]): string[] {
  let left = maxNameBytes;
  return names.filter((name) => (left -= name.length) >= 0);
}
