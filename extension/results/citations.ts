// What an answer of Copilot cites: titles with the addresses they lead to, and what kind of thing each is; it draws nothing.
import * as z from 'zod/mini';

export interface Citation {
  title: string;
  url: string | undefined;
  /** For example "Outlook" or "Word"; undefined where nothing tells it. */
  type: string | undefined;
}

const text = z.nullish(z.string());
const attributionsSchema = z.array(z.object({ providerDisplayName: text, seeMoreWebUrl: text, attributionType: text }));
const conversationSchema = z.object({
  messages: z.array(z.object({ attributions: z.nullish(attributionsSchema) })),
});

/**
 * In their order, which the marks in the answer count by. `source` is Graph's list of attributions, or the conversation that
 * they are in, also as its JSON text. Source: Microsoft Graph, copilotConversationAttribution.
 */
export function citationsIn(source: unknown): Citation[] {
  const value = typeof source === 'string' ? parsed(source) : source;
  const attributions =
    attributionsSchema.safeParse(value).data ??
    // The first message repeats the question.
    conversationSchema
      .safeParse(value)
      .data?.messages.slice(1)
      .flatMap((message) => message.attributions ?? []) ??
    [];
  return attributions.flatMap(({ providerDisplayName: title, seeMoreWebUrl: url, attributionType }) =>
    title
      ? [{ title, url: url ?? undefined, type: attributionType === 'annotation' ? 'Mentioned' : typeOf(title, url) }]
      : [],
  );
}

const byEnding: readonly (readonly [RegExp, string])[] = [
  [/\.docx?$/i, 'Word'],
  [/\.(?:xlsx?|csv)$/i, 'Excel'],
  [/\.pptx?$/i, 'PowerPoint'],
  [/\.pdf$/i, 'PDF'],
  [/\.loop$/i, 'Loop'],
  [/\.one$/i, 'OneNote'],
];
const byHost: readonly (readonly [RegExp, string])[] = [
  [/^outlook\./, 'Outlook'],
  [/^teams\./, 'Teams'],
  [/-my\.sharepoint\./, 'OneDrive'],
  [/\.sharepoint\./, 'SharePoint'],
];

function typeOf(title: string, url: string | null | undefined): string | undefined {
  const address = url && URL.canParse(url) ? new URL(url) : undefined;
  const isNamed = ([ending]: readonly [RegExp, string]): boolean =>
    ending.test(title) || ending.test(address?.pathname ?? '');
  const file = byEnding.find(isNamed)?.[1];
  if (file !== undefined || address === undefined) return file;
  return byHost.find(([host]) => host.test(address.hostname))?.[1] ?? (address.hostname === '' ? undefined : 'Web');
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
