// The whole simulated tenant in memory, seeded relative to "now". Knows nothing of HTTP, MCP, tokens or policy.
import type { CalendarEvent } from './agenda.ts';
import type { Conversations } from './conversations.ts';
import { createDays } from './days.ts';
import { Drive } from './drive.ts';
import { createSequence, type Sequence } from './identity.ts';
import { Mailbox } from './mailbox.ts';
import { createDirectory, type Directory } from './people.ts';
import { seedCalendar } from './seed-calendar.ts';
import { seedChats } from './seed-chats.ts';
import { seedDrives } from './seed-drives.ts';
import { seedMail } from './seed-mail.ts';

export type Tenant = {
  readonly directory: Directory;
  readonly mailboxes: Map<string, Mailbox>;
  readonly calendars: Map<string, CalendarEvent[]>;
  readonly drives: Map<string, Drive>;
  readonly conversations: Conversations;
  readonly sequence: Sequence;
  readonly clock: () => Date;
};

/** With `now` the clock stands still, so that answers are reproducible; without it the machine's clock runs. */
export function createTenant(options: { now?: Date | undefined } = {}): Tenant {
  const now = options.now ?? new Date();
  const clock = options.now ? () => new Date(now) : () => new Date();
  const directory = createDirectory();
  const sequence = createSequence();
  const tenant: Tenant = {
    directory,
    mailboxes: new Map(directory.people.map((owner) => [owner.id, new Mailbox({ owner, sequence, clock })])),
    calendars: new Map(directory.people.map((person) => [person.id, []])),
    drives: new Map(directory.people.map((person) => [person.id, new Drive(person)])),
    conversations: { chats: [], messages: new Map() },
    sequence,
    clock,
  };
  const days = createDays(now);
  const meetings = seedCalendar(tenant, days);
  seedDrives(tenant, days);
  seedMail(tenant, days, meetings);
  seedChats(tenant, days, meetings);
  return tenant;
}
