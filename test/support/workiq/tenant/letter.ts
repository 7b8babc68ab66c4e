// What a seeded mail is, and how mails write the time of a meeting. Knows no mailbox.
import { startOf, type CalendarEvent } from './agenda.ts';
import { dayAndDate } from './days.ts';
import type { SeedAttachment } from './seed-attachments.ts';

export type Letter = {
  key: string;
  /** Either minutes before now or [working day, HH:MM]. */
  when: number | [workday: number, time: string];
  from: string;
  to: string[];
  cc?: string[];
  subject: string;
  text: string;
  /** Who has read it; everybody has, unless given. */
  unreadBy?: string[];
  importance?: 'low' | 'high';
  other?: boolean;
  thread?: string;
  files?: SeedAttachment[];
  folder?: string;
  categories?: string[];
  flagged?: boolean;
};

/** `Thursday 26 November at 12:00` */
export function when(meeting: CalendarEvent): string {
  return `${dayAndDate(startOf(meeting))} at ${meeting.start.dateTime.slice(11, 16)}`;
}
