// What is wrong with patrols.json, as a whole and patrol by patrol, in words that may be told. It reads no file.
import { redact } from '../../shared/redaction.ts';

export class FileProblems {
  /** What was in force before stays so. */
  #ofFile: string | undefined;
  #ofPatrols: ReadonlyMap<string, readonly string[]> = new Map();

  /** Of the file as a whole. */
  get ofFile(): string[] {
    return this.#ofFile === undefined ? [] : [this.#ofFile];
  }

  of(patrol: string): readonly string[] {
    return this.#ofPatrols.get(patrol) ?? [];
  }

  /** All of them, each with the name of its patrol. */
  all(): string[] {
    const ofPatrols = [...this.#ofPatrols].flatMap(([name, texts]) => texts.map((text) => `${name}: ${text}`));
    return [...this.ofFile, ...ofPatrols];
  }

  /** `ofPatrols`: undefined when the file does not tell; what is known of them stays. True when it is news. */
  set({ ofFile, ofPatrols }: { ofFile?: string; ofPatrols?: ReadonlyMap<string, readonly string[]> }): boolean {
    const before = JSON.stringify(this.all());
    this.#ofFile = ofFile === undefined ? undefined : redact(ofFile);
    if (ofPatrols !== undefined)
      this.#ofPatrols = new Map([...ofPatrols].map(([name, texts]) => [name, texts.map((text) => redact(text))]));
    return JSON.stringify(this.all()) !== before;
  }
}
