// What a server offers beside tools, asked of it through the SDK's client: resources, their templates, prompts. Lists are
// bounded and never kept.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import * as z from 'zod';
import type { ListedPrompt } from '../../shared/contract/prompt-messages.ts';
import type { ListedResource, ListedTemplate, ResourceContent } from '../../shared/contract/resource-messages.ts';
import { listPages } from './list-pages.ts';
import { notOffered } from './read-error.ts';
import { noTimeout } from './sdk-timeout.ts';

export interface ServerContent {
  listResources(
    signal: AbortSignal,
  ): Promise<ContentLists<{ resources: ListedResource[]; templates: ListedTemplate[] }>>;
  readResource(uri: string, signal: AbortSignal): Promise<ResourceContent[]>;
  listPrompts(signal: AbortSignal): Promise<ContentLists<{ prompts: ListedPrompt[] }>>;
  getPrompt(prompt: { name: string; arguments: Record<string, string> }, signal: AbortSignal): Promise<PromptContent>;
}

export interface ContentLists<Lists extends object> {
  lists: Lists;
  /** The server has more. */
  truncated: boolean;
}

export interface PromptContent {
  description?: string;
  messages: { role: string; content: { type: string } }[];
}

const bounds = { maxItems: 1_000, maxLength: 4 * 1024 * 1024 };

const text = (length: number) =>
  z
    .string()
    .transform((value) => value.slice(0, length))
    .optional();
const about = { title: text(500), description: text(4_000), mimeType: text(200) };

/** Only what is told is kept: pictures and notes of a server can be of any size. */
const resourceSchema = z.object({ uri: z.string(), name: z.string(), ...about, size: z.number().optional() });
const templateSchema = z.object({ uriTemplate: z.string(), name: z.string(), ...about });
const promptSchema = z.object({
  name: z.string(),
  title: about.title,
  description: about.description,
  arguments: z
    .array(z.object({ name: z.string(), description: text(2_000), required: z.boolean().optional() }))
    .max(200)
    .optional(),
});

export function createServerContent(client: Client, server: string): ServerContent {
  const offers = (capability: 'resources' | 'prompts'): boolean =>
    client.getServerCapabilities()?.[capability] !== undefined;
  return {
    async listResources(signal) {
      if (!offers('resources')) return { lists: { resources: [], templates: [] }, truncated: false };
      const options = { signal, timeout: noTimeout };
      const resources = await listPages(bounds, async (page) => {
        const { resources: items, nextCursor } = await client.listResources(page, options);
        return { items: z.array(resourceSchema).parse(items), nextCursor };
      });
      // Servers without templates often do not know the request.
      const templates = await listPages(bounds, async (page) => {
        const { resourceTemplates: items, nextCursor } = await client.listResourceTemplates(page, options);
        return { items: z.array(templateSchema).parse(items), nextCursor };
      }).catch((error: unknown) => {
        if ((error as { code?: unknown }).code === -32601) return { items: [], truncated: false };
        throw error;
      });
      return {
        lists: { resources: resources.items, templates: templates.items },
        truncated: resources.truncated || templates.truncated,
      };
    },
    async readResource(uri, signal) {
      if (!offers('resources')) throw notOffered(server, 'resources');
      const { contents } = await client.readResource({ uri }, { signal, timeout: noTimeout });
      return contents;
    },
    async listPrompts(signal) {
      if (!offers('prompts')) return { lists: { prompts: [] }, truncated: false };
      const { items, truncated } = await listPages(bounds, async (page) => {
        const { prompts, nextCursor } = await client.listPrompts(page, { signal, timeout: noTimeout });
        return { items: z.array(promptSchema).parse(prompts), nextCursor };
      });
      return { lists: { prompts: items }, truncated };
    },
    async getPrompt(prompt, signal) {
      if (!offers('prompts')) throw notOffered(server, 'prompts');
      const { description, messages } = await client.getPrompt(prompt, { signal, timeout: noTimeout });
      return { ...(description !== undefined && { description }), messages };
    },
  };
}
