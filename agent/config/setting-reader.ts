// Reads single settings with their checks and collects what is wrong; it knows no setting's meaning.
import { existsSync, readFileSync } from 'node:fs';
import { editDistance } from '../../shared/edit-distance.ts';

export class SettingReader {
  readonly problems: string[] = [];
  /** What stops no start, but should be known. */
  readonly warnings: string[] = [];
  readonly #settings: ReadonlyMap<string, string>;
  readonly #read = new Set<string>();

  constructor(settings: ReadonlyMap<string, string>) {
    this.#settings = settings;
  }

  /** The trimmed text; an empty one counts as absent. */
  optional(name: string): string | undefined {
    this.#read.add(name);
    const value = this.#settings.get(name)?.trim();
    return value === '' ? undefined : value;
  }

  /** Set, but to nothing, as a template does whose value is missing. */
  isBlank(name: string): boolean {
    return this.#settings.get(name)?.trim() === '';
  }

  text(name: string, options: { default?: string; pattern?: RegExp; hint: string }): string {
    const value = this.optional(name) ?? options.default;
    if (value === undefined) {
      this.problems.push(`${name} is missing: ${options.hint}.`);
      return '';
    }
    if (options.pattern !== undefined && !options.pattern.test(value))
      this.problems.push(`${name} is "${value}": ${options.hint}.`);
    return value;
  }

  integer(name: string, options: { default: number; min: number; max: number }): number {
    const value = this.optional(name);
    if (value === undefined) return options.default;
    const number = Number(value);
    if (!Number.isInteger(number) || number < options.min || number > options.max) {
      this.problems.push(`${name} is "${value}": use a whole number from ${options.min} to ${options.max}.`);
    }
    return number;
  }

  /** Separated by spaces, commas or semicolons. */
  list(name: string): string[] {
    return (this.optional(name) ?? '').split(/[\s,;]+/).filter((item) => item !== '');
  }

  /** Content of a file that must be readable now; `isSecret` for one whose content somebody may have given instead of its path. */
  content(name: string, { isSecret = false }: { isSecret?: boolean } = {}): Buffer | undefined {
    const path = this.optional(name);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'error';
      this.problems.push(
        isSecret && !existsSync(path)
          ? `${name} is no path of a file (${code}); what it is instead is not shown, for it may be the secret itself.`
          : `${name} is "${path}", which cannot be read (${code}).`,
      );
      return undefined;
    }
  }

  /** The distinct next parts of the names below `prefix`: `Auth__Profiles__a__Scopes` gives `a`. */
  namesUnder(prefix: string): string[] {
    const names = [...this.#settings.keys()].filter((name) => name.startsWith(prefix));
    return [...new Set(names.map((name) => name.slice(prefix.length).split('__', 1)[0] ?? ''))];
  }

  /** Settings that nothing has read: most likely misspelt, and a misspelt guard must not be missed. */
  reportUnknown(): void {
    for (const name of this.#settings.keys()) {
      if (this.#read.has(name)) continue;
      const meant =
        [...this.#read].find((known) => known.toLowerCase() === name.toLowerCase()) ?? closest(name, [...this.#read]);
      this.problems.push(`${name} is no setting of the agent${meant === undefined ? '' : `; did you mean ${meant}`}.`);
    }
  }
}

function closest(name: string, candidates: readonly string[]): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    // A misspelling, not another word.
    const isClose = distance <= 3 && distance <= candidate.length / 6;
    if (isClose && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}
