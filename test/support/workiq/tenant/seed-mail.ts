// The mail of the simulated tenant over the last two weeks. Content only; it talks about the seeded meetings and files.
import { startOf, type CalendarEvent } from './agenda.ts';
import { at, dayAndDate, dayName, instant, minutesLater, type Days } from './days.ts';
import { exchangeId } from './identity.ts';
import type { Mailbox, MessageFields } from './mailbox.ts';
import type { Meetings } from './seed-calendar.ts';
import { MAIL_ATTACHMENTS, type SeedAttachment } from './seed-attachments.ts';
import type { Tenant } from './tenant.ts';

type Letter = {
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

export function seedMail(tenant: Tenant, days: Days, meetings: Meetings): void {
  for (const mailbox of tenant.mailboxes.values()) {
    mailbox.addFolder('Customers', 'customers');
    mailbox.addFolder('Newsletters', 'newsletters');
  }
  for (const letter of letters(days, meetings)) post(tenant, days, letter);
  for (const draft of drafts(meetings)) {
    const adele = mailboxOf(tenant, 'adele');
    const me = tenant.directory.recipient('adele');
    const to = draft.to.map((key) => tenant.directory.recipient(key));
    adele.add(
      {
        subject: draft.subject,
        body: { contentType: 'text', content: draft.text },
        toRecipients: to,
        from: me,
        sender: me,
        receivedDateTime: instant(minutesLater(days.now, -draft.minutesAgo)),
      },
      draft.key,
    );
  }
}

/** Files a letter in the sender's Sent Items and in the inboxes of its internal recipients. */
function post(tenant: Tenant, days: Days, letter: Letter): void {
  const { directory } = tenant;
  const moment =
    typeof letter.when === 'number'
      ? minutesLater(days.now, -letter.when)
      : at(days.workday(letter.when[0]), letter.when[1]);
  const sender = directory.recipient(letter.from);
  const fields: MessageFields = {
    subject: letter.subject,
    body: { contentType: 'html', content: toHtml(letter.text) },
    from: sender,
    sender,
    toRecipients: letter.to.map((key) => directory.recipient(key)),
    ccRecipients: (letter.cc ?? []).map((key) => directory.recipient(key)),
    receivedDateTime: instant(moment),
    conversationId: exchangeId(`conversation/${letter.thread ?? letter.key}`),
    importance: letter.importance ?? 'normal',
    inferenceClassification: letter.other ? 'other' : 'focused',
    isDraft: false,
  };
  const insiders = [...letter.to, ...(letter.cc ?? [])].filter((key) =>
    directory.find(directory.recipient(key).emailAddress.address),
  );
  for (const key of insiders) {
    const mailbox = mailboxOf(tenant, key);
    const folder =
      mailbox.folders.find((candidate) => candidate.displayName === letter.folder) ?? mailbox.wellKnown('inbox');
    const mine: MessageFields = { parentFolderId: folder.id, isRead: !letter.unreadBy?.includes(key) };
    if (letter.categories) mine.categories = letter.categories;
    if (letter.flagged) mine.flag = { flagStatus: 'flagged' };
    addWithFiles(mailbox, { ...fields, ...mine }, letter);
  }
  if (directory.find(sender.emailAddress.address)) {
    const mailbox = mailboxOf(tenant, letter.from);
    addWithFiles(mailbox, { ...fields, parentFolderId: mailbox.wellKnown('sentitems').id, isRead: true }, letter);
  }
}

function addWithFiles(mailbox: Mailbox, fields: MessageFields, letter: Letter): void {
  const message = mailbox.add(fields, letter.key);
  for (const file of letter.files ?? []) mailbox.attach(message, MAIL_ATTACHMENTS[file], file);
}

function mailboxOf(tenant: Tenant, key: string): Mailbox {
  const mailbox = tenant.mailboxes.get(tenant.directory.named(key).id);
  if (!mailbox) throw new Error(`${key} has no mailbox.`);
  return mailbox;
}

function toHtml(text: string): string {
  return text
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\n', '<br>')}</p>`)
    .join('\n');
}

function on(meeting: CalendarEvent): string {
  return `${dayAndDate(startOf(meeting))} at ${meeting.start.dateTime.slice(11, 16)}`;
}

function drafts(
  meetings: Meetings,
): { key: string; to: string[]; subject: string; text: string; minutesAgo: number }[] {
  return [
    {
      key: 'draft-notes',
      to: ['rob'],
      subject: 'Release notes for Project X',
      text: 'Hi Rob,\n\nthe draft is in Release notes.md. Missing: the part on reminders.\n',
      minutesAgo: 55,
    },
    {
      key: 'draft-priya',
      to: ['priya'],
      subject: 'Data retention in annex B',
      text: `Dear Priya,\n\nbefore our walkthrough on ${dayName(startOf(meetings.contractWalkthrough))}: `,
      minutesAgo: 1500,
    },
  ];
}

function letters(days: Days, meetings: Meetings): Letter[] {
  const nextYear = days.now.getUTCFullYear() + 1;
  const budgetDay = dayName(startOf(meetings.budgetReview));
  const goDay = dayName(startOf(meetings.goNoGo));
  return [
    // Budget
    {
      key: 'budget-1',
      when: [-6, '09:20'],
      from: 'johanna',
      to: ['rob', 'adele', 'megan'],
      subject: `Budget ${nextYear}: first numbers`,
      text: `Hi all,\n\nthe workbook "Budget ${nextYear}.xlsx" has the first numbers. Engineering is 4 % over plan, marketing 2 % under.\n\nPlease check your lines.\n\nJohanna`,
      thread: 'budget',
    },
    {
      key: 'budget-2',
      when: [-4, '13:05'],
      from: 'adele',
      to: ['johanna'],
      cc: ['rob'],
      subject: `Re: Budget ${nextYear}: first numbers`,
      text: 'Hi Johanna,\n\nthe build machines are counted twice (rows 14 and 31). Without that we are on plan.\n\nAdele',
      thread: 'budget',
    },
    {
      key: 'budget-3',
      when: [-4, '15:40'],
      from: 'johanna',
      to: ['adele'],
      cc: ['rob'],
      subject: `Re: Budget ${nextYear}: first numbers`,
      text: 'Good catch, corrected. Thank you!',
      thread: 'budget',
    },
    {
      key: 'budget-moved',
      when: 95,
      from: 'rob',
      to: ['adele', 'megan', 'johanna', 'patti'],
      subject: `Budget review moved to ${budgetDay}`,
      text: `Hi all,\n\nPatti is travelling, so the budget review moves to ${on(meetings.budgetReview)}. Same Teams link.\n\nNumbers freeze the evening before; please send me your last changes until then.\n\nRob`,
      unreadBy: ['adele', 'patti'],
      importance: 'high',
    },
    {
      key: 'budget-travel',
      when: 30,
      from: 'travel',
      to: ['adele'],
      subject: 'Your travel estimate for the offsite',
      text: `Hello Adele,\n\nthe estimate for "Team offsite, Lake House" (${dayAndDate(startOf(meetings.offsite))}) is 1 840 EUR for four people. Please approve it in the portal.`,
      unreadBy: ['adele'],
      other: true,
    },

    // Fabrikam contract
    {
      key: 'contract-1',
      when: [-7, '10:11'],
      from: 'megan',
      to: ['adele', 'isaiah'],
      subject: 'Fabrikam contract: who covers what',
      text: 'Hi both,\n\nIsaiah takes prices and terms, Adele the technical annexes, I take the rest. Draft v3 comes this week.\n\nMegan',
      thread: 'contract',
    },
    {
      key: 'contract-2',
      when: [-3, '08:47'],
      from: 'priya',
      to: ['megan'],
      cc: ['adele', 'isaiah'],
      subject: 'Questions on data retention',
      text: 'Dear Megan,\n\nour legal team asks how long approvals of support access are logged, and where. Could Adele explain this?\n\nKind regards\nPriya Raman, Fabrikam',
      folder: 'Customers',
      categories: ['Customer'],
    },
    {
      key: 'contract-v3',
      when: [-1, '09:12'],
      from: 'megan',
      to: ['adele', 'isaiah'],
      subject: 'Contract draft v3',
      text: `Hi,\n\nattached is draft v3 of the Fabrikam contract. We go through it on ${on(meetings.contractWalkthrough)}.\n\nAdele, annex B is yours.\n\nMegan`,
      thread: 'contract',
      files: ['contract'],
      flagged: true,
    },
    {
      key: 'contract-4',
      when: [-1, '13:30'],
      from: 'adele',
      to: ['megan'],
      subject: 'Re: Contract draft v3',
      text: 'Annex B contradicts chapter 4.2 on the retention period (90 against 180 days). I suggest 180 in both.\n\nAdele',
      thread: 'contract',
    },
    {
      key: 'contract-5',
      when: 145,
      from: 'megan',
      to: ['adele'],
      subject: 'Re: Contract draft v3',
      text: 'Agreed, 180 days. Can you tell Priya before the walkthrough?',
      thread: 'contract',
      unreadBy: ['adele'],
    },
    {
      key: 'fabrikam-call',
      when: [-2, '15:15'],
      from: 'isaiah',
      to: ['adele', 'megan'],
      subject: 'Fabrikam quarterly call: agenda',
      text: `Agenda for ${on(meetings.fabrikamCall)}:\n\n1. Incident 4711, what we learned\n2. Lockbox pilot\n3. Renewal\n\nAdele, could you take points 1 and 2?`,
    },

    // Lockbox and Project X
    {
      key: 'lockbox-1',
      when: [-5, '16:30'],
      from: 'adele',
      to: ['grady', 'lee', 'rob'],
      subject: 'Lockbox design: please read',
      text: `Hi,\n\nthe design is in Specs/Lockbox design.md. We decide in the review on ${on(meetings.lockboxReview)}.\n\nAdele`,
      thread: 'lockbox',
    },
    {
      key: 'lockbox-2',
      when: [-3, '09:55'],
      from: 'grady',
      to: ['adele'],
      subject: 'Re: Lockbox design: please read',
      text: 'Two remarks: approvals need an upper limit, and the audit trail must not be on the same store.\n\nGrady',
      thread: 'lockbox',
    },
    {
      key: 'lockbox-3',
      when: [-2, '11:30'],
      from: 'adele',
      to: ['rob', 'grady', 'lee'],
      cc: ['megan'],
      subject: 'Lockbox design review: decisions',
      text: 'Decisions of today:\n\n- approvals last four hours at most\n- separate audit store\n- pilot with Fabrikam and three internal teams\n\nAdele',
      thread: 'lockbox',
    },
    {
      key: 'lockbox-4',
      when: 210,
      from: 'grady',
      to: ['adele'],
      subject: 'Lockbox rollout: pilot group',
      text: 'Fabrikam is set up in the pilot ring. Internal teams follow tomorrow. One question: who approves on our side?\n\nGrady',
      unreadBy: ['adele'],
      thread: 'lockbox',
    },
    {
      key: 'go-1',
      when: [-1, '10:05'],
      from: 'rob',
      to: ['adele', 'megan', 'grady', 'lee'],
      subject: `Project X go/no-go on ${goDay}`,
      text: `Hi all,\n\nthe decision is on ${on(meetings.goNoGo)}. I need from you:\n\n- Adele: release notes\n- Grady: open incidents\n- Megan: campaign readiness\n\nRob`,
      importance: 'high',
    },
    {
      key: 'go-2',
      when: [-1, '16:45'],
      from: 'adele',
      to: ['rob'],
      subject: `Re: Project X go/no-go on ${goDay}`,
      text: 'Release notes are half done, you get them before our 1:1.\n\nAdele',
    },
    {
      key: 'code-freeze',
      when: 260,
      from: 'rob',
      to: ['adele', 'grady', 'lee'],
      subject: 'Code freeze for Project X',
      text: `Code freeze is the evening before the go/no-go (${goDay}). After that only fixes with my approval.\n\nRob`,
      unreadBy: ['adele', 'lee'],
    },
    {
      key: 'campaign',
      when: [-2, '17:10'],
      from: 'megan',
      to: ['alex', 'isaiah'],
      cc: ['adele'],
      subject: 'Project X campaign: three claims',
      text: 'Claims to check with engineering:\n\n1. 40 % faster start\n2. Customer-approved support access\n3. Meeting links that work 🙂\n\nAdele, are these right?',
    },
    {
      key: 'campaign-re',
      when: [-2, '17:40'],
      from: 'adele',
      to: ['megan'],
      subject: 'Re: Project X campaign: three claims',
      text: 'All three hold. For the first one say "up to".\n\nAdele',
    },

    // Incident 4711
    {
      key: 'incident-1',
      when: [-1, '07:20'],
      from: 'desk',
      to: ['adele', 'rob', 'grady'],
      subject: 'Incident 4711: sign-in outage',
      text: 'Since 07:12 sign-in fails for about half of all users. Operations is working on it.',
      importance: 'high',
      thread: 'incident',
    },
    {
      key: 'incident-2',
      when: [-1, '07:52'],
      from: 'grady',
      to: ['adele', 'rob'],
      cc: ['isaiah'],
      subject: 'Re: Incident 4711: sign-in outage',
      text: `Resolved after 38 minutes: expired certificate on gateway 2. Review on ${on(meetings.incidentReview)}.\n\nGrady`,
      thread: 'incident',
    },
    {
      key: 'incident-3',
      when: [-1, '08:30'],
      from: 'priya',
      to: ['isaiah'],
      cc: ['adele'],
      subject: 'Was your sign-in down this morning?',
      text: 'Dear Isaiah,\n\nour users reported failed sign-ins between 7 and 8. Was that on your side?\n\nPriya',
      folder: 'Customers',
      categories: ['Customer'],
      unreadBy: ['adele'],
    },
    {
      key: 'incident-4',
      when: [-1, '16:10'],
      from: 'grady',
      to: ['adele', 'rob'],
      subject: 'Incident 4711: action items',
      text: 'From the review: certificate age alert (me), rotation runbook (Adele), note to Fabrikam (Isaiah). File: Specs/Incident 4711.md.',
      thread: 'incident',
      flagged: true,
    },

    // People and organisation
    {
      key: 'lee-1',
      when: [-8, '08:05'],
      from: 'diego',
      to: ['adele'],
      subject: 'Lee Gu starts on Monday',
      text: 'Hi Adele,\n\nLee starts as an intern in your team. Laptop and badge are ready; please plan the first pull request together.\n\nDiego',
    },
    {
      key: 'lee-2',
      when: [-3, '12:15'],
      from: 'lee',
      to: ['adele'],
      subject: 'First pull request merged',
      text: 'Thank you for your patience this morning! It is merged 🎉\n\nLee',
    },
    {
      key: 'lee-3',
      when: 320,
      from: 'lee',
      to: ['adele'],
      subject: 'Question about the rotation runbook',
      text: 'Hi Adele,\n\nmay I try to write the first version of the certificate rotation runbook? Grady said he would review it.\n\nLee',
      unreadBy: ['adele'],
    },
    {
      key: 'training',
      when: [-2, '08:00'],
      from: 'diego',
      to: ['adele', 'rob', 'megan', 'lee'],
      subject: 'Reminder: security training',
      text: `The yearly security training is on ${on(meetings.securityTraining)}. It is mandatory; please accept the invitation.\n\nDiego`,
      unreadBy: ['adele', 'lee'],
    },
    {
      key: 'interview',
      when: [-1, '11:25'],
      from: 'diego',
      to: ['adele', 'grady'],
      subject: 'Interview with Sofia N.',
      text: `Hi both,\n\nthe CV is attached. The interview is on ${on(meetings.interview)}; Adele asks about design, Grady about operations.\n\nDiego`,
      files: ['cv'],
    },
    {
      key: 'vacation',
      when: [-5, '09:15'],
      from: 'diego',
      to: ['adele'],
      subject: 'You have 6 vacation days left',
      text: 'Please take them before the end of March, or agree with Rob on a transfer.\n\nDiego',
      other: true,
    },
    {
      key: 'vacation-re',
      when: [-5, '10:02'],
      from: 'adele',
      to: ['rob'],
      subject: 'Vacation: two weeks in February?',
      text: 'Hi Rob,\n\nwould the second half of February be all right after the release?\n\nAdele',
      thread: 'vacation',
    },
    {
      key: 'vacation-ok',
      when: [-4, '08:20'],
      from: 'rob',
      to: ['adele'],
      subject: 'Re: Vacation: two weeks in February?',
      text: 'Sure. Let us settle it in our 1:1.\n\nRob',
      thread: 'vacation',
    },
    {
      key: 'offsite',
      when: [-6, '14:00'],
      from: 'rob',
      to: ['adele', 'grady', 'lee'],
      subject: 'Team offsite at the Lake House',
      text: `Save the date: ${dayAndDate(startOf(meetings.offsite))} and the day after. Topics: next year's roadmap, on-call, and a long walk.\n\nRob`,
      files: ['map'],
    },
    {
      key: 'all-hands',
      when: [-3, '17:00'],
      from: 'patti',
      to: ['adele', 'rob', 'megan', 'lee', 'grady'],
      subject: 'All-hands: send me your questions',
      text: `Dear all,\n\nfor the all-hands on ${on(meetings.allHands)} send me your questions in advance, also the unpleasant ones.\n\nPatti`,
      unreadBy: ['lee'],
    },
    {
      key: 'lunch',
      when: [-1, '11:10'],
      from: 'johanna',
      to: ['adele'],
      subject: 'Café Nord',
      text: 'Table is booked, 11:30. Grüße, Johanna',
    },

    // Machines and newsletters
    {
      key: 'build-red',
      when: [-3, '06:10'],
      from: 'build',
      to: ['adele', 'lee', 'grady'],
      subject: 'Failed: project-x main #1182',
      text: '2 of 1 904 tests failed: reminders/meeting-link, reminders/time-zone.',
      other: true,
    },
    {
      key: 'build-green',
      when: [-3, '12:05'],
      from: 'build',
      to: ['adele', 'lee', 'grady'],
      subject: 'Fixed: project-x main #1183',
      text: 'All 1 904 tests passed. Change by Lee Gu.',
      other: true,
    },
    {
      key: 'build-today',
      when: 480,
      from: 'build',
      to: ['adele', 'lee', 'grady'],
      subject: 'Succeeded: project-x main #1190',
      text: 'All 1 917 tests passed.',
      other: true,
      importance: 'low',
    },
    {
      key: 'password',
      when: [-7, '07:30'],
      from: 'desk',
      to: ['adele'],
      subject: 'Your laptop gets an update tonight',
      text: 'Please leave it on and connected. Duration: about 30 minutes.',
      other: true,
    },
    {
      key: 'weekly-1',
      when: [-8, '06:00'],
      from: 'news',
      to: ['adele', 'rob', 'megan', 'lee'],
      subject: 'Contoso Weekly: new canteen, new colleagues',
      text: 'This week: the canteen opens on floor 2, and we welcome Lee Gu.',
      other: true,
      folder: 'Newsletters',
    },
    {
      key: 'weekly-2',
      when: [-3, '06:00'],
      from: 'news',
      to: ['adele', 'rob', 'megan', 'lee'],
      subject: 'Contoso Weekly: Project X on the home stretch',
      text: `The decision is on ${goDay}. An interview with Adele Vance and Rob Young.`,
      other: true,
      folder: 'Newsletters',
      unreadBy: ['adele'],
    },
    {
      key: 'northwind',
      when: [-2, '13:45'],
      from: 'sam',
      to: ['adele', 'grady'],
      subject: 'We have to cancel our vendor sync',
      text: `Dear team,\n\nsorry, we have to cancel our sync on ${dayName(days.workday(1))}. New date next month?\n\nSam Ortega, Northwind`,
      other: true,
    },
    {
      key: 'photos',
      when: [-7, '18:20'],
      from: 'grady',
      to: ['adele', 'rob'],
      subject: 'Photos of the summer offsite',
      text: 'They are in "Offsite photos.zip", 4 MB.',
    },

    // Between others
    {
      key: 'headcount',
      when: [-3, '10:30'],
      from: 'rob',
      to: ['patti'],
      subject: 'Two open headcounts',
      text: 'Hi Patti,\n\none backend engineer (interview this week), one tester. Plan attached.\n\nRob',
    },
    {
      key: 'headcount-re',
      when: [-2, '09:00'],
      from: 'patti',
      to: ['rob'],
      subject: 'Re: Two open headcounts',
      text: 'Approved. Patti',
      unreadBy: ['rob'],
    },
    {
      key: 'budget-megan',
      when: 120,
      from: 'megan',
      to: ['rob'],
      subject: 'Marketing line in the budget',
      text: 'Rob, my line is final: 2 % under plan.\n\nMegan',
      unreadBy: ['rob'],
    },
    {
      key: 'campaign-alex',
      when: 70,
      from: 'alex',
      to: ['megan'],
      subject: 'Campaign visuals',
      text: 'First visuals for the Project X campaign are ready for the kick-off.\n\nAlex',
      unreadBy: ['megan'],
    },
  ];
}
