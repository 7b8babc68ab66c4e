// Guards in plain words: what a preset lets pass, what a rule is about, and paths that rules are often about; pure.
import { parseRule } from '../../shared/guards/guard-rule.ts';
import type { Preset } from '../../shared/guards/preset.ts';

export const presetMeanings: Readonly<Record<Preset, string>> = {
  'read-only': 'Nothing is changed: only tools that are known to only read.',
  'no-send': 'Nothing leaves to other people: reading, and writes such as drafts, folders and notes.',
  full: 'Everything that the server allows, as far as no rule denies it.',
};

/** Paths of Microsoft 365 that rules are often about, as they are written in rules. */
export const knownPaths: readonly { path: string; meaning: string }[] = [
  { path: '/me/messages/**', meaning: 'mail' },
  { path: '/me/mailFolders/**', meaning: 'mail by folder' },
  { path: '/me/events/**', meaning: 'events of the calendar' },
  { path: '/me/calendar/**', meaning: 'the calendar' },
  { path: '/me/calendarView', meaning: 'events of a time span' },
  { path: '/me/chats/**', meaning: 'Teams chats' },
  { path: '/teams/**', meaning: 'teams and their channels' },
  { path: '/me/drive/**', meaning: "the person's files" },
  { path: '/drives/**', meaning: 'files of any drive' },
  { path: '/sites/**', meaning: 'SharePoint sites' },
  { path: '/me/contacts/**', meaning: 'contacts' },
  { path: '/me/people', meaning: 'people the person works with' },
  { path: '/me/todo/**', meaning: 'tasks' },
  { path: '/users/**', meaning: 'other people' },
  { path: '**/sendMail', meaning: 'sending a mail' },
  { path: '**/send', meaning: 'sending a draft' },
  { path: '**/reply', meaning: 'replying' },
  { path: '**/replyAll', meaning: 'replying to all' },
  { path: '**/forward', meaning: 'forwarding' },
  { path: '**', meaning: 'any path' },
];

/** What a rule does, as one sentence; undefined for a text that is no rule. */
export function ruleInWords(list: 'allow' | 'deny', text: string): string | undefined {
  const parsed = parseRule(text);
  if (!parsed.ok) return undefined;
  const [tool = '', path] = parsed.rule.text.split(' ');
  const calls =
    tool === '*' ? 'Calls of any tool' : tool.includes('*') ? `Calls of tools named ${tool}` : `Calls of ${tool}`;
  const about = path === undefined ? '' : pathInWords(path);
  if (list === 'deny')
    return path === undefined
      ? `${calls} are denied, whatever their arguments are.`
      : `${calls} on ${about} are denied; so are those whose paths are not clear.`;
  return path === undefined
    ? `${calls} are let through, whatever their paths are.`
    : `${calls} are let through if each of their paths is ${about}, or is let through by another rule.`;
}

function pathInWords(path: string): string {
  const known = knownPaths.find((candidate) => candidate.path === path)?.meaning;
  const meaning = known === undefined ? '' : ` (${known})`;
  if (path === '**') return 'any path';
  if (path.startsWith('**/') && !path.slice(3).includes('*')) return `a path that ends with ${path.slice(2)}${meaning}`;
  if (path.endsWith('/**') && !path.slice(0, -3).includes('*')) return `${path.slice(0, -3)} or below it${meaning}`;
  return `${path}${meaning}`;
}
