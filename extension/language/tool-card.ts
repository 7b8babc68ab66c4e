// A tool as a hover shows it: what it does, whether it can change things, which arguments it takes; text of servers stays text. Pure.
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import type { KnownTool } from './known-server.ts';

const longestDescription = 2_000;
const shownArguments = 20;

/** Markdown. */
export function toolCard({ name, description, listed, hidden }: KnownTool): string {
  const effect =
    listed === undefined
      ? hidden === undefined
        ? 'published for this server, not asked of it'
        : `hidden: ${hidden.reason}`
      : listed.sideEffects === 'read'
        ? 'reads'
        : 'can change things';
  return [
    `**${escapeMarkdown(name)}** (${escapeMarkdown(effect)})`,
    ...(description === undefined ? [] : [paragraphs(description)]),
    ...(listed === undefined ? [] : argumentLines(listed.inputSchema)),
  ].join('\n\n');
}

function paragraphs(text: string): string {
  return cleanBlock(text.slice(0, longestDescription))
    .split(/\n{2,}/)
    .map((paragraph) => escapeMarkdown(paragraph))
    .join('\n\n');
}

/** Of a schema that anybody may have written. */
function argumentLines(schema: Readonly<Record<string, unknown>>): string[] {
  const members = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  if (members.length === 0) return ['Takes no arguments.'];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const lines = members.slice(0, shownArguments).map(([name, member]) => {
    const { type, description } = isObject(member) ? member : {};
    const kind = [typeText(type), ...(required.includes(name) ? ['required'] : [])].filter((part) => part !== '');
    const about = typeof description === 'string' ? `: ${escapeMarkdown(cleanLine(description.slice(0, 300)))}` : '';
    return `- ${escapeMarkdown(name)}${kind.length === 0 ? '' : ` (${kind.join(', ')})`}${about}`;
  });
  const more = members.length > shownArguments ? [`- and ${members.length - shownArguments} more`] : [];
  return [`Arguments:\n${[...lines, ...more].join('\n')}`];
}

function typeText(type: unknown): string {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string');
  return escapeMarkdown(types.join(' or ').slice(0, 60));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
