// The Work IQ simulator against the real MCP SDK client: both endpoints, both framings, faults, sessions, consistency.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { startEcho } from '../support/echo-server.ts';
import { startEntra } from '../support/entra/simulator.ts';
import { connectWorkIqAdmin } from '../support/workiq/client.ts';
import { sha256 } from '../support/workiq/journal.ts';
import { until } from '../support/until.ts';
import { startWorkIq, type WorkIqSimulator } from '../support/workiq/simulator.ts';
import { ADELE_OID, MEGAN_OID } from '../support/workiq/tenant/people.ts';
import { createTenant } from '../support/workiq/tenant/tenant.ts';

const NOW = new Date('2026-11-23T10:00:00Z');
const ASK = { aud: 'api://workiq.svc.cloud.microsoft', scp: 'WorkIQAgent.Ask' };
const MAIL = { aud: 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1', scp: 'McpServers.Mail.All McpServers.Calendar.All' };

/** Answers are looked at loosely: a wrong guess fails the assertion that follows. */
// oxlint-disable-next-line typescript/no-explicit-any -- see above
type Json = Record<string, any>;
type Item = { data: Json; statusCode: number };

function jwt(claims: Json): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  return `${part({ alg: 'none' })}.${part({ oid: ADELE_OID, upn: 'adele@contoso.example', exp, ...claims })}.sig`;
}

const askToken = jwt(ASK);
const mailToken = jwt(MAIL);

async function connect(
  url: string,
  token: string,
): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> {
  const client = new Client({ name: 'test', version: '0' });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 10,
      maxReconnectionDelay: 10,
      reconnectionDelayGrowFactor: 1,
    },
  });
  await client.connect(transport as Parameters<Client['connect']>[0]);
  return { client, transport };
}

function post(url: string, message: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${askToken}`,
      ...headers,
    },
  });
}

const callMe = { method: 'tools/call', params: { name: 'fetch', arguments: { entityUrls: ['/me?$select=id'] } } };

let workIq: WorkIqSimulator;
let client: Client;
let transport: StreamableHTTPClientTransport;

async function call(name: string, args: Json): Promise<Json> {
  return (await client.callTool({ name, arguments: args })) as Json;
}

async function fetchAll(...entityUrls: string[]): Promise<Item[]> {
  const result = await call('fetch', { entityUrls });
  assert.equal(result['isError'], false, JSON.stringify(result['content']));
  return result['structuredContent'].results;
}

async function fetchOne(url: string): Promise<Json> {
  const [item] = await fetchAll(url);
  assert.equal(item?.statusCode, 200, JSON.stringify(item));
  return item.data;
}

const subjects = (data: Json): string[] => data['value'].map((entry: Json) => entry['subject']);

before(async () => {
  workIq = await startWorkIq({ now: NOW, settings: { askLatencyMs: 40 } });
});
after(() => workIq.close());

describe('simulator - the single endpoint', () => {
  beforeEach(async () => {
    await workIq.control.reset();
    ({ client, transport } = await connect(workIq.mcpUrl, askToken));
  });
  afterEach(() => client.close());

  for (const mcpFraming of ['json', 'sse'] as const) {
    test(`simulator - handshake, tool list and a read work with ${mcpFraming} replies`, async () => {
      await workIq.control.set({ mcpFraming });
      const own = await connect(workIq.mcpUrl, askToken);
      assert.equal(own.client.getServerVersion()?.name, 'WorkIQ.MCP.Server');
      const { tools } = await own.client.listTools();
      assert.deepEqual(tools.map((tool) => tool.name).sort(), [
        'ask',
        'call_function',
        'create_entity',
        'delete_entity',
        'do_action',
        'fetch',
        'fetch_blob',
        'get_schema',
        'list_agents',
        'search_paths',
        'update_entity',
      ]);
      const result = (await own.client.callTool({
        name: 'fetch',
        arguments: { entityUrls: ['/me', '/me/manager', '/me/messages/nope'] },
      })) as Json;
      const statuses = result['structuredContent'].results.map((item: Item) => item.statusCode);
      assert.deepEqual(statuses, [200, 200, 404]);
      assert.equal(result['structuredContent'].results[0].data.displayName, 'Adele Vance');
      assert.equal(result['structuredContent'].results[1].data.displayName, 'Rob Young');
      await own.client.close();
    });
  }

  test('simulator - mail queries agree with each other', async () => {
    const first = await fetchOne('/me/messages');
    assert.equal(first['value'].length, 25);
    assert.deepEqual(Object.keys(first['value'][0]).sort(), [
      '@odata.etag',
      'from',
      'id',
      'importance',
      'isRead',
      'receivedDateTime',
      'subject',
    ]);
    assert.match(first['@odata.nextLink'], /^https:\/\/graph\.microsoft\.com\/v1\.0\/me\/messages\?.*%24skip=25$/);
    const all = await fetchOne('/me/messages?$top=500&$select=subject,isRead,receivedDateTime,from,parentFolderId');
    assert.ok(all['value'].length >= 40, `only ${all['value'].length} mails`);
    assert.ok(all['value'].every((mail: Json) => Date.parse(mail['receivedDateTime']) <= NOW.getTime()));
    const received = all['value'].map((mail: Json) => mail['receivedDateTime']);
    assert.deepEqual(received, [...received].sort().reverse());

    const unread = await fetchOne('/me/messages?$top=100&$filter=isRead eq false');
    assert.equal(unread['value'].length, all['value'].filter((mail: Json) => !mail['isRead']).length);
    const folders = await fetchOne('/me/mailFolders');
    const counted = folders['value'].reduce((sum: number, folder: Json) => sum + folder['unreadItemCount'], 0);
    assert.equal(counted, unread['value'].length);
    assert.equal(
      folders['value'].reduce((sum: number, folder: Json) => sum + folder['totalItemCount'], 0),
      all['value'].length,
    );

    const since = '2026-11-20T12:00:00Z';
    const recent = await fetchOne(
      `/me/messages?$top=100&$filter=receivedDateTime ge ${since} and from/emailAddress/address eq 'rob@contoso.example'`,
    );
    const expected = all['value'].filter(
      (mail: Json) => mail['receivedDateTime'] >= since && mail['from'].emailAddress.address === 'rob@contoso.example',
    );
    assert.deepEqual(
      subjects(recent),
      expected.map((mail: Json) => mail['subject']),
    );
    assert.deepEqual(subjects(await fetchOne("/me/messages?$filter=startswith(subject,'Budget review')")), [
      'Budget review moved to Thursday',
    ]);

    const found = await fetchOne('/me/messages?$search="budget"&$top=50');
    assert.ok(found['value'].length >= 4);
    assert.deepEqual(subjects(await fetchOne('/me/messages?$search="subject:lockbox from:grady"')), [
      'Lockbox rollout: pilot group',
      'Re: Lockbox design: please read',
    ]);

    const inbox = await fetchOne(
      '/me/mailFolders/inbox/messages?$orderby=receivedDateTime asc&$top=3&$select=subject,body',
    );
    assert.equal(inbox['value'].length, 3);
    assert.ok(inbox['value'][0].body.content.startsWith('<p>'));
    const id = encodeURIComponent(found['value'][0].id);
    assert.equal((await fetchOne(`/me/messages/${id}?$select=subject`))['subject'], found['value'][0].subject);
  });

  test('simulator - policy and Graph refuse what they should', async () => {
    const [inefficient, unknown, search, foreign] = await fetchAll(
      "/me/messages?$filter=contains(subject,'x')",
      '/me/messages?$select=nonsense',
      '/me/messages?$search="a"&$filter=isRead eq true',
      '/users/megan@contoso.example/messages',
    );
    assert.equal(inefficient?.data['error'].code, 'InefficientFilter');
    assert.equal(unknown?.statusCode, 400);
    assert.equal(search?.data['error'].code, 'SearchWithFilter');
    assert.equal(foreign?.statusCode, 403);
    for (const path of [
      '/me/contacts',
      '/me/messages?$skip=25',
      '/servicePrincipals/x',
      '/me/authentication/methods',
    ]) {
      const refused = await call('fetch', { entityUrls: [path] });
      assert.equal(refused['isError'], true, path);
      assert.match(refused['content'][0].text, /^Access denied for path: /);
    }
    const [denied, fine] = await fetchAll('/me/contacts', '/me');
    assert.deepEqual([denied?.statusCode, fine?.statusCode], [403, 200]);
    const write = await call('do_action', { actionUrl: '/me/sendMail', jsonBody: '{}' });
    assert.equal(write['content'][0].text, 'Access denied for path: /me/sendMail');
    await assert.rejects(call('upload_blob', {}), /Unknown tool: 'upload_blob'/);
    await assert.rejects(call('fetch', {}), /Missing required argument 'entityUrls'/);
    assert.deepEqual((await workIq.control.snapshot()).sideEffects, []);
  });

  test('simulator - the calendar holds together and mails talk about meetings that exist', async () => {
    const view = await fetchOne(
      '/me/calendarView?startDateTime=2026-11-16T00:00:00Z&endDateTime=2026-12-07T00:00:00Z&$top=100',
    );
    assert.ok(view['value'].length >= 28 && view['value'].length <= 45, `${view['value'].length} events`);
    const series = (await fetchOne('/me/events?$top=100&$select=subject,type'))['value'].filter(
      (event: Json) => event['type'] === 'seriesMaster',
    );
    assert.equal(series.length, 1);
    const today = await fetchOne(
      '/me/calendarView?startDateTime=2026-11-23T00:00:00Z&endDateTime=2026-11-24T00:00:00Z',
    );
    assert.deepEqual(subjects(today), [
      'Stand-up',
      'Lunch with Johanna',
      'Focus time: release notes',
      '1:1 Rob / Adele',
    ]);
    const [mail] = (
      await fetchOne("/me/messages?$filter=startswith(subject,'Budget review moved')&$select=bodyPreview")
    )['value'];
    const review = view['value'].find((event: Json) => event['subject'] === 'Budget review');
    assert.match(mail.bodyPreview, /Thursday 26 November at 12:00/);
    assert.equal(review.start.dateTime, '2026-11-26T12:00:00.0000000');
    const [event] = await fetchAll(`/me/events/${encodeURIComponent(review.id)}`);
    assert.match(event?.data['onlineMeeting'].joinUrl, /^https:\/\/teams\./);
    const [noWindow] = await fetchAll('/me/calendarView');
    assert.equal(noWindow?.statusCode, 400);
    const viaFunction = await call('call_function', {
      functionUrl: '/me/calendarView?startDateTime=2026-11-23T00:00:00Z&endDateTime=2026-11-24T00:00:00Z',
    });
    assert.deepEqual(subjects(viaFunction['structuredContent'].data), subjects(today));
  });

  test('simulator - people, chats and files are there', async () => {
    const [users, reports, chats, files, tooLate] = await fetchAll(
      "/users?$filter=startswith(displayName,'Meg')",
      '/me/directReports',
      '/me/chats?$expand=members',
      '/me/drive/root/children',
      '/users/nobody',
    );
    assert.equal(users?.data['value'][0].mail, 'megan@contoso.example');
    assert.deepEqual(
      reports?.data['value'].map((person: Json) => person['displayName']),
      ['Lee Gu'],
    );
    assert.equal(tooLate?.statusCode, 404);
    const project = chats?.data['value'].find((chat: Json) => chat['topic'] === 'Project X');
    assert.equal(project.members.length, 5);
    const messages = await fetchOne(`/me/chats/${encodeURIComponent(project.id)}/messages?$top=50`);
    assert.equal(messages['value'].length, 10);
    const byName = new Map<string, Json>(files?.data['value'].map((item: Json) => [item['name'], item]));
    const specs = byName.get('Specs');
    assert.equal(
      (await fetchOne(`/me/drive/items/${specs?.['id']}/children`))['value'].length,
      specs?.['folder'].childCount,
    );

    const content = (item: Json | undefined): string =>
      `/drives/${item?.['parentReference'].driveId}/items/${item?.['id']}/content`;
    const notes = await call('fetch_blob', { path: content(byName.get('Release notes.md')) });
    assert.match(
      Buffer.from(notes['structuredContent'].base64Content, 'base64').toString(),
      /^# Project X release notes/,
    );
    const largest = await call('fetch_blob', { path: content(byName.get('Offsite photos.zip')) });
    assert.equal(largest['structuredContent'].sizeBytes, 4_194_304);
    const tooLarge = await call('fetch_blob', { path: content(byName.get('Project X demo.mp4')) });
    assert.equal(tooLarge['content'][0].text, 'File size exceeds the configured limit of 4194304 bytes.');
  });

  test('simulator - writes really change the tenant once the policy allows them', async () => {
    await workIq.control.set({ mutations: 'allowed' });
    const draft = (
      await call('create_entity', {
        parentUrl: '/me/messages',
        jsonBody: JSON.stringify({
          subject: 'Hello',
          toRecipients: [{ emailAddress: { address: 'megan@contoso.example' } }],
        }),
      })
    )['structuredContent'];
    assert.equal(draft.statusCode, 201);
    assert.equal(draft.data.isDraft, true);
    const path = `/me/messages/${encodeURIComponent(draft.data.id)}`;
    const sent = await call('do_action', { actionUrl: `${path}/send` });
    assert.deepEqual(sent['structuredContent'], { statusCode: 202 });
    const [gone, inSent] = await fetchAll(path, '/me/mailFolders/sentitems/messages?$top=1');
    assert.equal(gone?.statusCode, 404);
    assert.deepEqual(subjects(inSent?.data ?? {}), ['Hello']);

    const megan = await connect(workIq.mcpUrl, jwt({ ...ASK, oid: MEGAN_OID }));
    const inbox = (await megan.client.callTool({
      name: 'fetch',
      arguments: { entityUrls: ["/me/messages?$filter=isRead eq false and subject eq 'Hello'"] },
    })) as Json;
    const arrived = inbox['structuredContent'].results[0].data.value[0];
    assert.equal(arrived.from.emailAddress.address, 'adele@contoso.example');
    const own = `/me/messages/${encodeURIComponent(arrived.id)}`;
    const tag = arrived['@odata.etag'];
    const update = async (headers?: object) =>
      (
        (await megan.client.callTool({
          name: 'update_entity',
          arguments: { entityUrl: own, jsonBody: '{"isRead":true}', ...(headers ? { headers } : {}) },
        })) as Json
      )['structuredContent'];
    assert.equal((await update({ 'If-Match': tag })).data.isRead, true);
    assert.equal((await update({ 'If-Match': tag })).statusCode, 412);
    await megan.client.callTool({
      name: 'do_action',
      arguments: { actionUrl: `${own}/reply`, jsonBody: '{"comment":"Hi back"}' },
    });
    await megan.client.callTool({ name: 'delete_entity', arguments: { entityUrl: own } });
    await megan.client.close();
    assert.deepEqual(subjects(await fetchOne('/me/mailFolders/inbox/messages?$top=1')), ['Re: Hello']);

    const event = (
      await call('create_entity', {
        parentUrl: '/me/events',
        jsonBody: JSON.stringify({
          subject: 'Coffee',
          start: { dateTime: '2026-11-24T11:00:00', timeZone: 'Europe/Berlin' },
          end: { dateTime: '2026-11-24T11:30:00', timeZone: 'Europe/Berlin' },
          attendees: [{ emailAddress: { address: 'rob@contoso.example' } }],
        }),
      })
    )['structuredContent'];
    assert.equal(event.data.start.dateTime, '2026-11-24T10:00:00.0000000');
    await call('delete_entity', { entityUrl: `/me/events/${encodeURIComponent(event.data.id)}` });
    const profile = await call('update_entity', { entityUrl: '/me', jsonBody: '{"jobTitle":"x"}' });
    assert.equal(profile['structuredContent'].data.error.code, 'Authorization_RequestDenied');

    const { mailsSent, effectCounts } = await workIq.control.snapshot();
    assert.deepEqual(mailsSent, ['Hello', 'Re: Hello']);
    assert.deepEqual(effectCounts, {
      'mail.draftCreated': 1,
      'mail.sent': 2,
      'mail.updated': 1,
      'mail.deleted': 1,
      'event.created': 1,
      'event.deleted': 1,
    });
  });

  test('simulator - ask answers from the data, reports progress and can be cancelled', async () => {
    const steps: number[] = [];
    const result = (await client.callTool(
      { name: 'ask', arguments: { question: 'Do I have any meetings today?', timeZone: 'Europe/Berlin' } },
      undefined,
      { onprogress: ({ progress }) => void steps.push(progress) },
    )) as Json;
    const { response, conversationId } = JSON.parse(result['content'][0].text);
    assert.match(response, /\*\*4 meetings\*\* today:[^]*09:30–09:45: Stand-up/);
    assert.deepEqual(steps, [1, 2, 3, 4]);
    // In the words of the example that `npm run simulators` and `rockbot tools call --help` give.
    const asked = async (question: string): Promise<string> =>
      JSON.parse((await call('ask', { question, timeZone: 'Europe/Berlin' }))['content'][0].text).response;
    assert.equal(await asked('What is on today?'), response);
    assert.match(await asked('What is on tomorrow?'), /meetings?(\*\*)? tomorrow/);
    assert.match(await asked('What do we know about the contract?'), /Here is what I found/);
    const again = await call('ask', { question: 'Any unread mail?', conversationId });
    assert.equal(JSON.parse(again['content'][0].text).conversationId, conversationId);

    await workIq.control.set({ askLatencyMs: 5_000 });
    const abort = new AbortController();
    const asks = async (): Promise<number> =>
      (await workIq.control.requests()).filter(({ tool }) => tool === 'ask').length;
    const before = await asks();
    const ended = assert.rejects(
      client.callTool({ name: 'ask', arguments: { question: 'x' } }, undefined, { signal: abort.signal }),
    );
    await until('it is asked', async () => (await asks()) > before);
    abort.abort();
    await ended;
    await until('it is cancelled', async () => (await workIq.control.snapshot()).cancelled > 0);
    assert.equal((await workIq.control.snapshot()).cancelled, 1);
  });

  test('simulator - schemas, paths and agents can be looked up', async () => {
    const paths = await call('search_paths', { filter: 'messages$' });
    assert.ok(
      paths['structuredContent'].paths.some(
        (entry: Json) => entry['path'] === '/me/messages' && entry['operations'].includes('create'),
      ),
    );
    const schema = await call('get_schema', { path: '/me/messages', operationType: 'fetch' });
    assert.equal(JSON.parse(schema['content'][0].text).title, 'microsoft.graph.messageCollectionResponse');
    const missing = await call('get_schema', { path: '/me/sendMail', operationType: 'create' });
    assert.equal(missing['content'][0].text, "No 'create' operation for path: me/sendMail");
    assert.equal(JSON.parse((await call('list_agents', {}))['content'][0].text)[0].agentId, 'copilot');
  });

  test('simulator - sessions are issued, ended and lost', async () => {
    assert.ok(transport.sessionId);
    await client.ping();
    assert.equal(await workIq.control.loseSessions(), 1);
    await assert.rejects(client.ping(), /Session not found/);
    const next = await connect(workIq.mcpUrl, askToken);
    await next.transport.terminateSession();
    await next.client.close();
    assert.deepEqual((await workIq.control.snapshot()).sessions, { created: 2, ended: 1 });
    await workIq.control.set({ sessions: false });
    const stateless = await connect(workIq.mcpUrl, askToken);
    assert.equal(stateless.transport.sessionId, undefined);
    await stateless.client.ping();
    await stateless.client.close();
  });

  test('simulator - a changed tool list is announced on the stream', async () => {
    const told = new Promise<void>((resolve) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve()),
    );
    const change = { hide: ['ask'], add: [{ name: 'retrieve', description: 'Search.' }] };
    await until('a stream is told', async () => (await workIq.control.changeTools(change)) > 0);
    await told;
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    assert.ok(names.includes('retrieve') && !names.includes('ask'));
  });
});

describe('simulator - the per-server catalogue', () => {
  let mail: Client;
  const text = (result: Json): Json => JSON.parse(result['content'][0].text);
  const callMail = async (name: string, args: Json): Promise<Json> =>
    (await mail.callTool({ name, arguments: args })) as Json;

  beforeEach(async () => {
    await workIq.control.reset();
    ({ client: mail } = await connect(workIq.catalogueUrl('mcp_MailTools'), mailToken));
  });
  afterEach(() => mail.close());

  for (const catalogueFraming of ['sse', 'json'] as const) {
    test(`simulator - mail is searched, read, written, sent and deleted with ${catalogueFraming} replies`, async () => {
      await workIq.control.set({ catalogueFraming });
      assert.equal((await mail.listTools()).tools.length, 22);
      const found = await callMail('SearchMessagesQueryParameters', { queryParameters: '?$search="budget"&$top=2' });
      assert.match(found['content'][1].text, /^CorrelationId: [0-9a-f-]{36}$/);
      assert.equal(text(found)['value'].length, 2);
      assert.equal(text(found)['hasMoreResults'], true);
      const next = text(await callMail('SearchMessagesQueryParameters', { nextLink: text(found)['nextLink'] }));
      assert.notEqual(next['value'][0].id, text(found)['value'][0].id);

      const id = text(found)['value'][0].id;
      const read = await callMail('GetMessage', { id });
      assert.equal(read['content'][0].text, 'Message retrieved successfully.');
      assert.equal(read['structuredContent'].data.id, id);
      const draft = text(
        await callMail('CreateDraftMessage', { subject: 'Grüße', body: 'Hi', to: ['rob@contoso.example'] }),
      );
      await callMail('UpdateDraft', { messageId: draft['id'], cc: ['megan@contoso.example'] });
      await callMail('UploadAttachment', { messageId: draft['id'], fileName: 'a.txt', contentBase64: 'aGk=' });
      await callMail('SendDraftMessage', { id: draft['id'] });
      await callMail('SendEmailWithAttachments', { to: ['rob@contoso.example'], subject: 'Second', body: 'x' });
      await callMail('ReplyToMessage', { id, comment: 'Fine.' });
      await callMail('FlagEmail', { messageId: id, flagStatus: 'flagged' });
      await callMail('DeleteMessage', { id });
      const missing = await callMail('GetMessage', { id });
      assert.equal(missing['isError'], true);
      assert.equal(text(missing)['error'].code, 'ErrorItemNotFound');
      assert.equal((await workIq.control.snapshot()).mailsSent.length, 3);
    });
  }

  test('simulator - the plain-language search wraps Copilot', async () => {
    const { reply, rawResponse } = text(await callMail('SearchMessages', { message: 'mails about the budget' }));
    assert.match(reply, /Budget/);
    assert.equal(JSON.parse(rawResponse).messages[1].attributions[0].attributionType, 'citation');
  });

  test('simulator - events are listed, made, changed, answered and deleted', async () => {
    const { client: calendar } = await connect(workIq.catalogueUrl('mcp_CalendarTools'), mailToken);
    const run = async (name: string, args: Json): Promise<Json> =>
      text((await calendar.callTool({ name, arguments: args })) as Json);
    const quiet = async (name: string, args: Json): Promise<Json> =>
      (await calendar.callTool({ name, arguments: args })) as Json;
    const window = { startDateTime: '2026-11-23T00:00:00Z', endDateTime: '2026-11-30T00:00:00Z' };
    const before = (await run('ListCalendarView', { ...window, top: 50 }))['value'].length;
    const made = await run('CreateEvent', {
      subject: '1:1',
      startDateTime: '2026-11-24T10:00:00',
      endDateTime: '2026-11-24T10:30:00',
      attendeeEmails: ['rob@contoso.example'],
    });
    assert.equal((await run('ListCalendarView', { ...window, top: 50 }))['value'].length, before + 1);
    const changed = await run('UpdateEvent', {
      eventId: made['id'],
      subject: '1:1 later',
      attendeesToAdd: ['megan@contoso.example'],
    });
    assert.deepEqual(
      changed['attendees'].map((guest: Json) => guest['emailAddress'].name),
      ['Rob Young', 'Megan Bowen'],
    );
    const [interview] = (await run('ListEvents', { meetingTitle: 'interview' }))['value'];
    assert.equal((await quiet('AcceptEvent', { eventId: interview.id }))['isError'], false);
    const slots = await run('FindMeetingTimes', {
      attendeeEmails: ['rob@contoso.example'],
      ...window,
      maxCandidates: 3,
    });
    assert.equal(slots['meetingTimeSuggestions'].length, 3);
    await quiet('DeleteEventById', { eventId: made['id'] });
    assert.equal((await run('ListCalendarView', { ...window, top: 50 }))['value'].length, before);
    assert.equal((await quiet('GetOnlineMeetingTranscripts', { joinWebUrl: 'https://x' }))['isError'], true);
    await calendar.close();
  });

  test('simulator - the wire shows the escapes, the statelessness and the refusals of the catalogue', async () => {
    const url = workIq.catalogueUrl('mcp_MailTools');
    const headers = { authorization: `Bearer ${mailToken}` };
    const search = {
      method: 'tools/call',
      params: {
        name: 'SearchMessagesQueryParameters',
        arguments: { queryParameters: '?$search="subject:Café"&$select=subject' },
      },
    };
    const raw = await (await post(url, search, headers)).text();
    assert.match(raw, /^event: message\ndata: \{"result":\{"content":\[\{"type":"text","text":"\{\\u0022/);
    assert.ok(raw.includes('\\u00E9') && !raw.includes('é'));
    const invented = await post(
      url,
      { method: 'initialize', params: { protocolVersion: '2025-06-18' } },
      { ...headers, 'mcp-session-id': 'mine' },
    );
    assert.equal(invented.status, 404);
    assert.deepEqual(await invented.json(), {
      jsonrpc: '2.0',
      id: null,
      error: { code: -32001, message: 'Session not found' },
    });
    const common = await post(`${workIq.origin}/agents/tenants/common/servers/mcp_MailTools`, callMe, headers);
    assert.equal(common.status, 400);
    assert.equal(((await common.json()) as Json)['error'].code, 'TenantIdInvalid');
    const scopeless = await post(url, search, {
      authorization: `Bearer ${jwt({ ...MAIL, scp: 'McpServers.Calendar.All' })}`,
    });
    assert.equal(scopeless.status, 403);
    assert.equal(scopeless.headers.get('www-authenticate'), null);
    assert.equal(await scopeless.text(), "Access denied: Scope 'McpServers.Mail.All' is not present in the request.");
    const wrong = await post(url, search, { authorization: `Bearer ${askToken}` });
    assert.equal(
      wrong.headers.get('www-authenticate'),
      'Bearer error="invalid_token", error_description="invalid_audience"',
    );
    const own = await post(url, search, {
      authorization: `Bearer ${jwt({ aud: '16b1878d-62c7-4009-aa25-68989d63bbad', scp: 'Tools.ListInvoke.All' })}`,
    });
    assert.equal(own.status, 200);
    assert.equal((await post(`${workIq.origin}/agents/servers/mcp_MailTools/`, search, headers)).status, 200);
  });
});

describe('simulator - tokens and discovery', () => {
  beforeEach(() => workIq.control.reset());

  test('simulator - metadata and challenges have the shapes that were seen live', async () => {
    const bare = await fetch(`${workIq.origin}/.well-known/oauth-protected-resource`);
    assert.deepEqual([bare.status, await bare.text()], [400, 'Invalid request, no valid route.']);
    const inserted = (await (await fetch(`${workIq.origin}/.well-known/oauth-protected-resource/mcp`)).json()) as Json;
    assert.deepEqual(inserted['scopes_supported'], ['fdcc1f02-fc51-4226-8753-f668596af7f7/WorkIQAgent.Ask']);
    const path = new URL(workIq.catalogueUrl('mcp_MailTools')).pathname;
    const server = (await (await fetch(`${workIq.origin}/.well-known/oauth-protected-resource${path}`)).json()) as Json;
    assert.equal(server['scopes_supported'][0], `${workIq.catalogueUrl('mcp_MailTools')}/.default`);
    for (const [url, place] of [
      [workIq.mcpUrl, '/mcp'],
      [workIq.catalogueUrl('mcp_MailTools'), path],
    ] as const) {
      const denied = await post(url, callMe, { authorization: '' });
      assert.equal(denied.status, 401);
      assert.equal(
        denied.headers.get('www-authenticate'),
        `Bearer resource_metadata="${workIq.origin}/.well-known/oauth-protected-resource${place}"`,
      );
      assert.equal(await denied.text(), '');
    }
  });

  test('simulator - expired, foreign and scopeless tokens are refused', async () => {
    const status = async (claims: Json): Promise<number> =>
      (await post(workIq.mcpUrl, callMe, { authorization: `Bearer ${jwt(claims)}` })).status;
    assert.equal(await status(ASK), 200);
    assert.equal(await status({ ...ASK, aud: 'fdcc1f02-fc51-4226-8753-f668596af7f7' }), 200);
    assert.equal(await status({ ...ASK, exp: 1 }), 401);
    assert.equal(await status(MAIL), 401);
    assert.equal(await status({ ...ASK, scp: 'Other' }), 403);
  });

  test('simulator - a token is introspected afresh for every request', async () => {
    const { createServer } = await import('node:http');
    let isActive = true;
    const authority = createServer((request, response) => {
      request
        .resume()
        .on('end', () =>
          response.end(
            JSON.stringify(
              isActive ? { active: true, ...ASK, oid: MEGAN_OID, upn: 'megan@contoso.example' } : { active: false },
            ),
          ),
        );
    }).listen(0, '127.0.0.1');
    await once(authority, 'listening');
    const introspectUrl = `http://127.0.0.1:${(authority.address() as { port: number }).port}/introspect`;
    await using own = await startWorkIq({ auth: { introspectUrl, staticToken: 'fixed' } });
    const me = (await (await post(own.mcpUrl, callMe)).json()) as Json;
    assert.equal(me['result'].structuredContent.results[0].data.id, MEGAN_OID);
    isActive = false;
    assert.equal((await post(own.mcpUrl, callMe)).status, 401);
    assert.equal((await post(own.mcpUrl, callMe, { authorization: 'Bearer fixed' })).status, 200);
    authority.close();
    authority.closeAllConnections();
  });

  test('simulator - tokens of the Entra simulator pass, and a revoked one is challenged', async () => {
    await using entra = await startEntra();
    await using own = await startWorkIq({ auth: { introspectUrl: `${entra.adminUrl}/introspect` } });
    const issue = async (scope: string): Promise<string> =>
      `Bearer ${(await entra.control.issueTokens({ user: 'adele', scope })).access_token}`;
    const ask = await issue('api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask');
    const shared = await issue('ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/McpServers.Mail.All');
    const perServer = await issue('16b1878d-62c7-4009-aa25-68989d63bbad/Tools.ListInvoke.All');
    const mailUrl = own.catalogueUrl('mcp_MailTools');
    const status = async (url: string, authorization: string): Promise<number> =>
      (await post(url, { method: 'tools/list' }, { authorization })).status;
    assert.deepEqual(
      [await status(own.mcpUrl, ask), await status(mailUrl, shared), await status(mailUrl, perServer)],
      [200, 200, 200],
    );
    assert.deepEqual([await status(own.mcpUrl, shared), await status(mailUrl, ask)], [401, 401]);
    assert.equal(await status(own.catalogueUrl('mcp_CalendarTools'), shared), 403);
    await entra.control.revokeAccessTokens();
    const revoked = await post(own.mcpUrl, callMe, { authorization: ask });
    assert.equal(revoked.status, 401);
    assert.match(revoked.headers.get('www-authenticate') ?? '', /error="insufficient_claims", claims="/);
  });
});

describe('simulator - the data', () => {
  test('simulator - mails, meetings and folders fit together whatever day it is', () => {
    for (let day = 0; day < 14; day++) {
      const now = new Date(NOW.getTime() + day * 86_400_000 + day * 3_700_000);
      const tenant = createTenant({ now });
      const mails = tenant.mailboxes.get(ADELE_OID)?.messages() ?? [];
      const events = (tenant.calendars.get(ADELE_OID) ?? []).filter((event) => event.type !== 'seriesMaster');
      assert.ok(mails.length >= 40 && events.length >= 30 && events.length <= 45, `${mails.length}, ${events.length}`);
      assert.ok(mails.every((mail) => Date.parse(mail.receivedDateTime) <= now.getTime()));
      assert.ok(mails.every((mail) => Date.parse(mail.receivedDateTime) > now.getTime() - 15 * 86_400_000));
      assert.equal(new Set([...mails, ...events].map(({ id }) => id)).size, mails.length + events.length);
      const review = events.find((event) => event.subject === 'Budget review');
      const weekday = new Date(`${review?.start.dateTime.slice(0, 10)}T00:00:00Z`).getUTCDay();
      assert.equal(weekday, 4);
      assert.ok(mails.some((mail) => mail.subject === 'Budget review moved to Thursday' && !mail.isRead));
      const today = now.toISOString().slice(0, 10);
      assert.ok(
        events.some((event) => event.start.dateTime.startsWith(today)),
        `nothing happens on ${today}`,
      );
    }
  });
});

describe('simulator - faults', () => {
  beforeEach(() => workIq.control.reset());
  const send = (): Promise<Response> => post(workIq.mcpUrl, callMe);
  const result = async (): Promise<Json> => ((await (await send()).json()) as Json)['result'];

  test('simulator - HTTP faults strike as often as asked and then stop', async () => {
    const { control } = workIq;
    await control.inject({ kind: 'unauthorized', times: 2, claims: '{"access_token":{}}' });
    const challenged = await send();
    assert.equal(challenged.status, 401);
    const claims =
      /error="insufficient_claims", claims="([^"]+)"/.exec(challenged.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    assert.equal(Buffer.from(claims, 'base64').toString(), '{"access_token":{}}');
    assert.deepEqual([(await send()).status, (await send()).status], [401, 200]);

    await control.inject({ kind: 'throttled', seconds: 3, as: 'seconds' });
    assert.equal((await send()).headers.get('retry-after'), '3');
    await control.inject({ kind: 'throttled', seconds: 60, as: 'date' });
    const date = Date.parse((await send()).headers.get('retry-after') ?? '');
    assert.ok(date > Date.now() + 50_000 && date < Date.now() + 70_000);
    await control.inject({ kind: 'server-error', status: 502 });
    assert.match(await (await send()).text(), /^<html>/);
    const forms = {
      'missing-scope': /^Access denied: Scope/,
      'no-policy': /"NoPolicy"/,
      'required-scopes': /^Required scopes = /,
      bare: /^$/,
    } as const;
    for (const [form, pattern] of Object.entries(forms)) {
      await control.inject({ kind: 'forbidden', form: form as keyof typeof forms });
      const answer = await send();
      assert.equal(answer.status, 403);
      assert.match(await answer.text(), pattern);
    }
    await control.inject({ kind: 'issuer-mismatch' });
    assert.equal((await send()).status, 400);
    await control.inject({ kind: 'session-lost' });
    assert.equal((await send()).status, 404);
    await control.inject({ kind: 'server-error', skip: 1 });
    assert.deepEqual([(await send()).status, (await send()).status], [200, 503]);
    await control.inject({ kind: 'server-error', tool: 'ask', times: 'all' });
    assert.equal((await send()).status, 200);
    await control.inject({ kind: 'server-error', method: 'initialize' });
    assert.equal((await send()).status, 200);
    assert.equal((await post(workIq.mcpUrl, { method: 'initialize', params: {} })).status, 503);
    assert.equal((await control.snapshot()).faults['throttled'], 2);
  });

  test('simulator - in-band faults look like those of the service', async () => {
    const { control } = workIq;
    await control.inject({ kind: 'entitlement', times: 'all' });
    assert.match((await result())['content'][0].text, /^The caller is not entitled/);
    const free = await post(workIq.mcpUrl, { method: 'tools/call', params: { name: 'list_agents', arguments: {} } });
    assert.equal(((await free.json()) as Json)['result'].isError, false);
    await control.clearFaults();
    await control.inject({ kind: 'null-result' });
    assert.equal(await result(), null);
    await control.inject({ kind: 'policy-path' });
    assert.equal((await result())['content'][0].text, 'Access denied for path: /me');
    await control.inject({ kind: 'graph-error', status: 404, code: 'ErrorItemNotFound', message: 'x' });
    assert.equal((await result())['structuredContent'].results[0].statusCode, 404);
    await control.inject({ kind: 'throttled-in-band' });
    assert.equal((await result())['structuredContent'].results[0].statusCode, 429);
    await control.inject({ kind: 'busy' });
    assert.equal(JSON.parse((await result())['content'][0].text).retryAfterSeconds, 30);
    await control.inject({ kind: 'timed-out' });
    assert.equal((await result())['isError'], true);
    await control.inject({ kind: 'broken-json' });
    await assert.rejects((await send()).json());
    await control.inject({ kind: 'rpc-error', code: -32000, message: 'odd' });
    assert.equal(((await (await send()).json()) as Json)['error'].code, -32000);
    await control.inject({ kind: 'huge-result', bytes: 5_000_000 });
    assert.equal((await result())['structuredContent'].results[0].data.value[0].body.content.length, 5_000_000);
  });

  test('simulator - a dropped connection tells apart whether the call was executed', async () => {
    const { control } = workIq;
    await control.set({ mutations: 'allowed' });
    const mail = (subject: string): object => ({
      method: 'tools/call',
      params: {
        name: 'do_action',
        arguments: {
          actionUrl: '/me/sendMail',
          jsonBody: { message: { subject, toRecipients: [{ emailAddress: { address: 'rob@contoso.example' } }] } },
        },
      },
    });
    for (const when of ['before', 'after', 'during'] as const) {
      await control.inject({ kind: 'drop', when });
      await assert.rejects(async () => (await post(workIq.mcpUrl, mail(when))).text());
    }
    await control.inject({ kind: 'server-error', executes: true });
    assert.equal((await post(workIq.mcpUrl, mail('503'))).status, 503);
    await control.inject({ kind: 'unauthorized' });
    assert.equal((await post(workIq.mcpUrl, mail('401'))).status, 401);
    assert.deepEqual((await control.snapshot()).mailsSent, ['after', 'during', '503']);
  });

  test('simulator - hanging, latency, redirects and what a foreign host was sent are seen', async () => {
    const { control } = workIq;
    await control.inject({ kind: 'hang' });
    await assert.rejects(
      fetch(workIq.mcpUrl, {
        method: 'POST',
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...callMe }),
        headers: { authorization: `Bearer ${askToken}` },
        signal: AbortSignal.timeout(50),
      }),
    );
    await control.inject({ kind: 'latency', ms: 60, times: 3 });
    const started = performance.now();
    await Promise.all([send(), send(), send()]);
    assert.ok(performance.now() - started >= 55);
    assert.equal((await control.snapshot()).concurrentCalls.peak, 3);

    await control.inject({ kind: 'redirect', status: 307 });
    const redirected = await send();
    assert.equal(redirected.headers.get('location'), workIq.foreignUrl);
    assert.equal((await control.snapshot()).foreign.requests, 0);
    await fetch(workIq.foreignUrl, { headers: { authorization: 'Bearer leaked' } });
    assert.deepEqual((await control.snapshot()).foreign, {
      requests: 1,
      authorizationSha256: [sha256('Bearer leaked')],
    });
  });

  test('simulator - the journal knows headers and tokens, the token itself only on request', async () => {
    await post(workIq.mcpUrl, callMe, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    const [seen] = await workIq.control.requests();
    assert.equal(seen?.headers['traceparent'], '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    assert.equal(seen?.authorizationSha256, sha256(`Bearer ${askToken}`));
    assert.ok(!JSON.stringify(await workIq.control.requests()).includes(askToken));
    assert.equal((await workIq.control.rawAuthorizations())[0]?.authorization, `Bearer ${askToken}`);
  });
});

describe('simulator - as a process of its own', () => {
  test('simulator - says where it is in one line, obeys its admin client and ends on SIGTERM', async () => {
    const main = fileURLToPath(new URL('../support/workiq/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--static-token', 't', '--mutations', 'allowed'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { mcpUrl, mailUrl, calendarUrl, origin, adminUrl } = JSON.parse(line.toString()) as Record<string, string>;
    assert.ok(mcpUrl && adminUrl && mailUrl?.startsWith(`${origin}/agents/tenants/`) && calendarUrl);
    const control = connectWorkIqAdmin(adminUrl);
    assert.equal((await control.settings()).mutations, 'allowed');
    assert.equal((await control.set({ sessions: false })).askLatencyMs, 1500);
    const own = await connect(mcpUrl, 't');
    await control.inject({ kind: 'busy' });
    assert.equal(
      ((await own.client.callTool({ name: 'fetch', arguments: { entityUrls: ['/me'] } })) as Json)['isError'],
      true,
    );
    const { id } = await control.deliver({ to: 'adele', from: 'rob', subject: 'Just in' });
    const newest = (await own.client.callTool({
      name: 'fetch',
      arguments: { entityUrls: ['/me/mailFolders/inbox/messages?$top=1'] },
    })) as Json;
    assert.equal(newest['structuredContent'].results[0].data.value[0].id, id);
    assert.equal((await control.snapshot()).tools['fetch'], 2);
    await assert.rejects(control.inject({ kind: 'nonsense' } as never), /kind/);
    await control.reset();
    assert.deepEqual((await control.snapshot()).tools, {});
    await own.client.close();
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });
});

describe('echo server', () => {
  for (const framing of ['json', 'sse'] as const) {
    test(`echo server - gives the payload back with ${framing} replies and counts`, async () => {
      await using echo = await startEcho({ framing, bearer: 'b', tools: 200 });
      const { client: caller } = await connect(echo.url, 'b');
      assert.equal((await caller.listTools()).tools.length, 200);
      const payload = 'Grüße "quoted" \\ 🎉\n';
      const answer = (await caller.callTool({ name: 'echo', arguments: { payload } })) as Json;
      assert.equal(answer['content'][0].text, payload);
      assert.equal(echo.counts()['tools/call'], 1);
      await assert.rejects(connect(echo.url, 'wrong'));
      await caller.close();
    });
  }
});
