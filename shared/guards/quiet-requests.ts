// Requests to Microsoft Graph that are known to reach nobody but the signed-in user: drafts, folders, files, own lists.
import type { NormalPath } from './normal-path.ts';
import { matchesPath, type PathPattern } from './path-pattern.ts';
import type { Method } from './work-iq-tools.ts';

/** What may be created, changed and deleted. */
const areas = patternsIn(`
  me/messages me/messages/* me/messages/*/attachments me/messages/*/attachments/* me/messages/*/extensions/**
  me/mailfolders me/mailfolders/* me/mailfolders/*/childfolders me/mailfolders/*/childfolders/*
  me/mailfolders/*/messages me/mailfolders/*/messages/*
  me/mailfolders/*/messages/*/attachments me/mailfolders/*/messages/*/attachments/*
  me/todo/** me/contacts me/contacts/* me/contactfolders/** me/onenote/** me/outlook/mastercategories/**
  me/drive/** me/drives/** drives/** groups/*/drive/** sites/**/drive/** sites/**/drives/** sites/**/lists/**
`);

/** Actions that only sort, look up or prepare. A reply or forward that is created is a draft. */
const actions = patternsIn(`
  me/messages/*/move me/messages/*/copy me/messages/*/permanentdelete
  me/messages/*/markasread me/messages/*/markasunread me/messages/*/markread me/messages/*/markunread
  me/messages/*/createreply me/messages/*/createreplyall me/messages/*/createforward
  me/messages/*/attachments/createuploadsession
  me/mailfolders/*/messages/*/move me/mailfolders/*/messages/*/copy me/mailfolders/*/messages/*/permanentdelete
  me/mailfolders/*/messages/*/createreply me/mailfolders/*/messages/*/createreplyall
  me/mailfolders/*/messages/*/createforward
  me/mailfolders/*/move me/mailfolders/*/copy
  me/events/*/dismissreminder me/events/*/snoozereminder
  me/calendar/getschedule me/findmeetingtimes me/getmailtips me/translateexchangeids
  me/checkmembergroups me/checkmemberobjects me/getmembergroups me/getmemberobjects
  search/query
`);

/** Wherever they stand, other people are told, invited or let in. In the spelling of `skeleton`. */
const reaching: ReadonlySet<string> = new Set(
  words(`
    $batch send sendMail reply replyAll forward accept decline tentativelyAccept cancel unsubscribe
    events calendar calendars calendarGroups calendarView onlineMeetings planner
    invite invitations createLink permissions grant share shares sharedWithMe members owners
    messageRules mailboxSettings subscriptions publish notify sendActivityNotification
    chats channels teams comments replies mentions
  `).map((word) => word.toUpperCase()),
);

/** True when the request is known to reach nobody else. A GET only reads, unless it is a batch. */
export function isQuietRequest(method: Method, { readings, deniable }: Extract<NormalPath, { clear: true }>): boolean {
  if (method === 'GET') return !deniable.some((reading) => reading.includes('$BATCH'));
  return readings.every((reading) => {
    const fits = (pattern: PathPattern): boolean => matchesPath(pattern, reading);
    return (method === 'POST' && actions.some(fits)) || (areas.some(fits) && !deniable.some(isReaching));
  });
}

function isReaching(reading: readonly string[]): boolean {
  return reading.some((segment) => reaching.has(segment));
}

function patternsIn(text: string): readonly PathPattern[] {
  return words(text).map((pattern) => pattern.split('/'));
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
