// What a client tells the language server beside LSP: options at the start, and the facts of the agent whenever they change.
import * as z from 'zod';

/** A notification; its params are a LanguageContext. */
export const contextNotification = 'rockbot/context';

/** `initializationOptions` of the client. */
export const serverOptionsSchema = z.looseObject({
  /** Address of the guide to mcp.json, with `{heading}` where that of a heading belongs; without one there are no links. */
  guide: z.string().max(2_000).optional(),
});

export type ServerOptions = z.infer<typeof serverOptionsSchema>;

/** `heading`: as an anchor is written. Undefined without a guide. */
export function guideAt({ guide }: ServerOptions, heading: string): string | undefined {
  return guide?.replaceAll('{heading}', heading);
}
