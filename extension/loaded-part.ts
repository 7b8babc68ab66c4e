// A part of the extension that lies in a file of its own (see esbuild.mjs): what it means for a person that it cannot be loaded.
import { RockBotError } from '../shared/errors/rockbot-error.ts';

export class PartNotLoaded extends RockBotError {
  static override readonly kind = 'PartNotLoaded';

  constructor(cause: unknown) {
    super({
      code: 'internal',
      message: `A part of RockBot could not be loaded (${codeOf(cause)}).`,
      action: 'Reload the window: RockBot may have been updated while it was open.',
      cause,
    });
    this.name = 'PartNotLoaded';
  }
}

/** @throws PartNotLoaded in place of what the loader threw, which was written for nobody */
export async function loadedPart<Part>(loading: Promise<Part>): Promise<Part> {
  try {
    return await loading;
  } catch (cause) {
    throw new PartNotLoaded(cause);
  }
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}
