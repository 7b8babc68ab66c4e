// The Teams chats of the simulated tenant. Content only; the talk is about the same meetings and files as the mails.
import { startOf } from './agenda.ts';
import { openChat, post, type Chat } from './conversations.ts';
import { at, dayName, minutesLater, type Days } from './days.ts';
import type { Meetings } from './seed-calendar.ts';
import type { Tenant } from './tenant.ts';

export function seedChats(tenant: Tenant, days: Days, meetings: Meetings): void {
  const people = (...keys: string[]) => keys.map((key) => tenant.directory.named(key));
  const open = (key: string, topic: string | null, chatType: Chat['chatType'], ...members: string[]): Chat =>
    openChat(tenant, { key, topic, chatType, members: people(...members), createdAt: at(days.workday(-30), '08:00') });
  const say = (chat: Chat, from: string, moment: Date, content: string): void =>
    void post(tenant, chat, tenant.directory.named(from), { content, at: moment });
  const ago = (minutes: number): Date => minutesLater(days.now, -minutes);
  const on = (workday: number, time: string): Date => at(days.workday(workday), time);

  const lunch = open('lunch', 'Lunch crew', 'group', 'adele', 'johanna', 'lee', 'alex');
  say(lunch, 'alex', on(-4, '10:40'), 'Ramen or the canteen?');
  say(lunch, 'lee', on(-4, '10:42'), 'Ramen! 🍜');
  say(lunch, 'johanna', on(-1, '11:05'), 'Adele, Café Nord next time? I booked us a table at 11:30.');
  say(lunch, 'adele', on(-1, '11:06'), 'Perfect, see you there.');

  const megan = open('adele-megan', null, 'oneOnOne', 'adele', 'megan');
  say(
    megan,
    'megan',
    on(-2, '14:20'),
    'I put contract draft v3 into the Contracts folder. Priya wants a word on data retention.',
  );
  say(megan, 'adele', on(-2, '14:31'), 'Read it, annex B contradicts chapter 4. I mark it up.');
  say(
    megan,
    'megan',
    on(-1, '09:02'),
    `Great. The walkthrough with Fabrikam is on ${dayName(startOf(meetings.contractWalkthrough))} at 14:00.`,
  );

  const lee = open('adele-lee', null, 'oneOnOne', 'adele', 'lee');
  say(lee, 'lee', on(-3, '12:10'), 'My first pull request is green 🎉 Thanks for the pairing!');
  say(lee, 'adele', on(-3, '12:12'), 'Well done! Grady reviews it this afternoon.');
  say(lee, 'lee', ago(190), 'Do I need to prepare anything for the go/no-go?');

  const rob = open('adele-rob', null, 'oneOnOne', 'adele', 'rob');
  say(
    rob,
    'rob',
    on(-1, '16:20'),
    `Heads-up: I moved the budget review to ${dayName(startOf(meetings.budgetReview))}, 12:00.`,
  );
  say(rob, 'adele', on(-1, '16:25'), 'Works for me. Johanna still needs the travel numbers for the offsite.');
  say(rob, 'rob', ago(75), 'Can you send me the release notes before our 1:1?');

  const project = open('project-x', 'Project X', 'group', 'adele', 'rob', 'megan', 'lee', 'grady');
  const review = dayName(startOf(meetings.goNoGo));
  say(project, 'rob', on(-5, '09:00'), 'Sprint goal: Lockbox pilot ready, release notes written.');
  say(project, 'grady', on(-4, '13:15'), 'Load test done: 1 200 requests/s, p99 180 ms.');
  say(project, 'lee', on(-4, '13:20'), 'Is the load test script in the repository?');
  say(project, 'grady', on(-4, '13:22'), 'Yes, tools/load.');
  say(project, 'adele', on(-3, '15:00'), 'Lockbox design is in Specs, please read it before the review.');
  say(project, 'megan', on(-3, '15:05'), 'Out today, reading tomorrow.');
  say(project, 'adele', on(-2, '11:10'), 'Review done: Fabrikam joins the pilot, approvals last four hours.');
  say(project, 'rob', on(-2, '11:14'), 'Good outcome, thanks all.');
  say(
    project,
    'grady',
    on(-1, '07:50'),
    'Sign-in is back after 38 minutes. Certificate on gateway 2. Review at 15:00.',
  );
  say(project, 'rob', on(-1, '07:55'), 'Thanks Grady. Isaiah tells Fabrikam.');
  say(project, 'adele', on(-1, '15:50'), 'Action items of incident 4711 are in Specs.');
  say(project, 'megan', ago(160), `Do we still decide on ${review}?`);
  say(project, 'rob', ago(150), `Yes, go/no-go stays on ${review}.`);
  say(project, 'rob', ago(40), 'Ship on Friday after that?');

  const leaders = open('leadership', 'Leadership', 'group', 'patti', 'rob', 'megan');
  say(leaders, 'patti', on(-1, '17:05'), 'Please have your budget lines ready for the review.');
  say(leaders, 'rob', on(-1, '17:20'), 'Engineering is done, two headcounts are open.');
}
