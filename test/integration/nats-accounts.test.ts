// What the users of the shipped accounts example may and may not do, tried on a real nats-server with real clients.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { base64url } from 'jose';
import { connect, createInbox, JSONCodec, nkeyAuthenticator, StringCodec, type Msg } from 'nats.ws';
import { generate } from 'selfsigned';
import { loadAgentKey } from '../../agent/auth/agent-key.ts';
import { NatsServerError } from '../../extension/local/nats-server-error.ts';
import { openHandOff } from '../../shared/hand-off/open-hand-off.ts';
import { sealHandOff } from '../../shared/hand-off/seal-hand-off.ts';
import {
  accountsFile,
  startAccountsBus,
  type AccountsBus,
  type BusClient,
  type BusUser,
} from '../support/accounts-bus.ts';
import { signerOf } from '../support/hand-offs.ts';
import { findLeaks } from '../support/leak-search.ts';
import { testNatsProgram } from '../support/nats.ts';
import { until } from '../support/until.ts';

const requests = [
  'auth.workiq.profile.rockbot',
  'auth.workiq.cache.rockbot',
  'auth.workiq.state.rockbot',
  'auth.workiq.disconnect.rockbot',
  'tool.list.rockbot',
  'tool.invoke.mcp.rockbot',
  'tool.cancel.rockbot',
  'mcp.manage.rockbot',
  'mcp.file.rockbot',
  'resource.list.rockbot',
  'resource.read.rockbot',
  'prompt.list.rockbot',
  'prompt.get.rockbot',
  'elicitation.answer.rockbot',
  'patrol.rockbot.list',
  'patrol.rockbot.run',
  'patrol.rockbot.history',
  'agent.look.rockbot',
  'agent.check.rockbot',
];
const events = [
  'auth.workiq.changed.rockbot',
  'auth.workiq.expired.rockbot',
  'tool.progress.rockbot.call-1',
  'tool.result.rockbot',
  'tool.meta.mcp.rockbot',
  'elicitation.asked.rockbot',
  'elicitation.closed.rockbot',
  'patrol.rockbot.changed',
  'agent.status.rockbot',
];
/** What the monitor may subscribe to, and nothing else. */
const monitored = [
  'auth.workiq.cache.*',
  'auth.workiq.changed.*',
  'auth.workiq.expired.*',
  'tool.meta.mcp.*',
  'agent.status.*',
];
/** What the viewer may ask and hear, and nothing else. */
const viewed = [
  'auth.workiq.profile.rockbot',
  'auth.workiq.state.rockbot',
  'tool.list.rockbot',
  'mcp.file.rockbot',
  'resource.list.rockbot',
  'prompt.list.rockbot',
  'patrol.rockbot.list',
  'agent.look.rockbot',
];
const told = [
  'auth.workiq.changed.rockbot',
  'auth.workiq.expired.rockbot',
  'tool.meta.mcp.rockbot',
  'agent.status.rockbot',
];
const text = StringCodec();
const appUsers: BusUser[] = ['AGENT', 'UI_ALICE', 'UI_BOB', 'MONITOR', 'UI_VIEWER'];

/** Both the server's refusal and that no one on the bus got anything are asserted by the callers. */
async function refusedPublish(client: BusClient, subject: string, payload = 'forged'): Promise<void> {
  const seen = client.violations.length;
  client.connection.publish(subject, text.encode(payload));
  await client.connection.flush();
  await violated(client, seen);
  assert.deepEqual(client.violations.slice(seen), [{ operation: 'publish', subject }], `publish to ${subject}`);
}

async function refusedSubscribe(client: BusClient, subject: string, queue?: string): Promise<void> {
  const seen = client.violations.length;
  const received: string[] = [];
  const subscription = client.connection.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      if (error === null) received.push(message.subject);
    },
  });
  await client.connection.flush();
  await violated(client, seen);
  assert.deepEqual(
    client.violations.slice(seen).map(({ operation, subject: refused }) => ({ operation, subject: refused })),
    [{ operation: 'subscription', subject }],
    `subscribe to ${subject}`,
  );
  assert.deepEqual(received, []);
  subscription.unsubscribe();
}

/** The status iterator hands a violation on a few microtasks after the flush that followed it. */
async function violated({ violations }: BusClient, seen: number): Promise<void> {
  await until('the server says no', () => violations.length > seen);
}

function collect(client: BusClient, subject: string): Msg[] {
  const messages: Msg[] = [];
  client.connection.subscribe(subject, {
    callback: (error, message) => {
      if (error === null) messages.push(message);
    },
  });
  return messages;
}

describe('bus accounts', { timeout: 60_000 }, () => {
  let bus: AccountsBus;
  let agent: BusClient;
  let alice: BusClient;
  let bob: BusClient;
  let monitor: BusClient;
  const served: string[] = [];

  before(async () => {
    bus = await startAccountsBus();
    [agent, alice, bob, monitor] = (await Promise.all(appUsers.map((user) => bus.connect(user)))) as [
      BusClient,
      BusClient,
      BusClient,
      BusClient,
    ];
    for (const subject of requests) {
      agent.connection.subscribe(subject, {
        callback: (_error, message) => {
          served.push(message.subject);
          message.respond(message.data);
        },
      });
    }
    await agent.connection.flush();
  });

  after(async () => {
    await bus[Symbol.asyncDispose]();
  });

  test('bus accounts - every UI user gets answers to every request in the own inbox', async () => {
    for (const ui of [alice, bob]) {
      for (const subject of requests) {
        const answer = await ui.connection.request(subject, text.encode(subject), { timeout: 2_000 });
        assert.equal(text.decode(answer.data), subject);
      }
      assert.deepEqual(ui.violations, []);
    }
    assert.deepEqual(agent.violations, []);
  });

  test('bus accounts - events of the agent reach every UI user, and the monitor as far as they hold no content', async () => {
    const heard = [alice, bob].map((ui) => events.map((subject) => collect(ui, subject)).flat(0));
    const watched = monitored.map((subject) => collect(monitor, subject));
    await Promise.all([alice, bob, monitor].map(({ connection }) => connection.flush()));
    for (const subject of events) agent.connection.publish(subject, text.encode('event'));
    const states = events.filter((subject) => !/^(?:tool\.(?:progress|result)|elicitation|patrol)\./.test(subject));
    await until(
      'it has come',
      () => heard.flat().every(({ length }) => length === 1) && watched.flat().length >= states.length,
    );
    assert.deepEqual(
      watched
        .flat()
        .map(({ subject }) => subject)
        .toSorted(),
      states.toSorted(),
    );
    assert.deepEqual(
      [agent, alice, bob, monitor].flatMap(({ violations }) => violations),
      [],
    );
  });

  test('bus accounts - the monitor cannot read what is plain content: calls, results, progress, answers', async () => {
    const content = [
      '>',
      '*.>',
      'tool.>',
      'tool.*.*',
      'tool.result.*',
      'tool.result.rockbot',
      'tool.invoke.mcp.*',
      'tool.invoke.mcp.rockbot',
      'tool.progress.>',
      'tool.meta.>',
      'auth.>',
      'auth.workiq.*.rockbot',
      'mcp.manage.rockbot',
      'resource.>',
      'prompt.>',
      'elicitation.>',
      'patrol.>',
      '_INBOX.>',
      '*.*',
      ...(['UI_ALICE', 'UI_BOB', 'MONITOR'] as const).map((user) => `${bus.inboxPrefix(user)}.>`),
    ];
    for (const subject of content) await refusedSubscribe(monitor, subject);
  });

  test('bus accounts - of a hand-off the monitor sees the seal alone [P3]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-monitor-'));
    const key = await loadAgentKey(join(folder, 'agent-key.jwk'), {
      cacheFile: join(folder, 'cache'),
      logger: { warn: () => undefined },
    });
    await rm(folder, { recursive: true });
    const canary = `canary_${randomBytes(48).toString('base64url')}`;
    const cache = base64url.encode(JSON.stringify({ RefreshToken: { a: { secret: canary } } }));
    const username = 'adele.vance.of.contoso@contoso.example';
    const signer = signerOf(text.decode(bus.seed('UI_ALICE')));
    const iat = Math.floor(Date.now() / 1_000);
    const sealed = await sealHandOff({
      claims: {
        iss: signer.publicKey,
        aud: key.publicKey.kid,
        iat,
        exp: iat + 120,
        jti: randomUUID(),
        gen: 1,
        tenantId: randomUUID(),
        accountId: canary,
        username,
        scopes: ['api://workiq/Ask'],
        cache,
      },
      signer,
      recipient: key.publicKey,
    });
    const watched = collect(monitor, 'auth.workiq.cache.*');
    await monitor.connection.flush();
    await alice.connection.request('auth.workiq.cache.rockbot', JSONCodec().encode({ sealed }), { timeout: 2_000 });
    await until('it has come', () => watched.length === 1);
    const seen = watched.map(({ subject, reply, data }) => `${subject} ${reply} ${text.decode(data)}`).join('\n');
    assert.ok(seen.includes(sealed), 'it sees the hand-off as it was sent');
    const secrets = [
      { kind: 'canary', value: canary },
      { kind: 'cache', value: cache },
      { kind: 'user name', value: username },
    ];
    assert.deepEqual(findLeaks(secrets, [{ name: 'what the monitor saw', text: seen }]), []);
    // The canary was in there: the key of the agent brings it out.
    const opened = await openHandOff({ sealed, privateKey: key.privateKey });
    assert.equal(findLeaks(secrets, [{ name: 'the opened hand-off', text: JSON.stringify(opened) }]).length > 1, true);
  });

  test('bus accounts - a large answer may come in many parts', async () => {
    const inbox = createInbox(bus.inboxPrefix('UI_ALICE'));
    const parts = collect(alice, inbox);
    const chunks = 300;
    await alice.connection.flush();
    alice.connection.publish('tool.invoke.mcp.rockbot', text.encode('many'), { reply: inbox });
    await until('it has come', () => parts.length === 1);
    for (let i = 1; i < chunks; i += 1) agent.connection.publish(inbox, text.encode(String(i)));
    await until('it has come', () => parts.length === chunks);
    assert.deepEqual(agent.violations, []);
  });

  test('bus accounts - whoever proves no known key is turned away', async () => {
    const attempts = {
      nobody: {},
      password: { user: 'alice', pass: 'guess' },
      stranger: { authenticator: nkeyAuthenticator(bus.seed('STRANGER')) },
    };
    for (const [who, options] of Object.entries(attempts)) {
      await assert.rejects(
        connect({ servers: bus.server.url, reconnect: false, timeout: 2_000, ...options }),
        { code: 'AUTHORIZATION_VIOLATION' },
        who,
      );
    }
  });

  test('bus accounts - nobody but UI users can ask the agent', async () => {
    const before = served.length;
    for (const subject of requests) {
      await refusedPublish(monitor, subject);
      await refusedPublish(agent, subject);
    }
    await assert.rejects(monitor.connection.request('tool.list.rockbot', '', { timeout: 500 }));
    assert.equal(served.length, before, 'the agent got none of it');
  });

  test('bus accounts - a viewer looks, and neither calls, reads content, hands off nor changes servers', async () => {
    const viewer = await bus.connect('UI_VIEWER');
    const before = served.length;
    for (const subject of viewed) await viewer.connection.request(subject, '', { timeout: 2_000 });
    assert.equal(served.length, before + viewed.length);
    for (const subject of requests.filter((request) => !viewed.includes(request)))
      await refusedPublish(viewer, subject);
    assert.equal(served.length, before + viewed.length, 'the agent got none of it');
    const heard = told.map((subject) => collect(viewer, subject));
    await viewer.connection.flush();
    for (const subject of told) agent.connection.publish(subject, 'x');
    await until('it has come', () => heard.flat().length === told.length);
    for (const subject of events.filter((event) => !told.includes(event))) await refusedSubscribe(viewer, subject);
    for (const subject of [`${bus.inboxPrefix('UI_ALICE')}.>`, '_INBOX.>', 'mcp.manage.rockbot', '>'])
      await refusedSubscribe(viewer, subject);
    for (const subject of events) await refusedPublish(viewer, subject);
  });

  test('bus accounts - nobody but the agent can receive requests', async () => {
    for (const subject of [...requests, 'auth.workiq.cache.*', 'auth.>', 'tool.invoke.mcp.*', 'tool.>', '>']) {
      await refusedSubscribe(alice, subject);
    }
    await refusedSubscribe(alice, 'auth.workiq.cache.rockbot', 'rockbot');
    // A watcher in the agent's queue group would take every other request away.
    await refusedSubscribe(monitor, 'auth.workiq.cache.rockbot', 'rockbot');
    await refusedSubscribe(monitor, 'auth.workiq.cache.*', 'rockbot-agent');
    await refusedSubscribe(monitor, '>', 'rockbot');
  });

  test('bus accounts - a UI cannot speak in the place of the agent', async () => {
    const heard = events.map((subject) => collect(bob, subject));
    await bob.connection.flush();
    for (const subject of events) {
      await refusedPublish(alice, subject);
      await refusedPublish(monitor, subject);
    }
    assert.deepEqual(heard.flat(), []);
  });

  test('bus accounts - a UI cannot answer a request of another UI', async () => {
    const inbox = createInbox(bus.inboxPrefix('UI_ALICE'));
    const answers = collect(alice, inbox);
    await alice.connection.flush();
    alice.connection.publish('tool.list.rockbot', text.encode('asked'), { reply: inbox });
    await refusedPublish(bob, inbox);
    await refusedPublish(alice, inbox);
    await refusedPublish(monitor, inbox);
    await until('it has come', () => answers.length === 1);
    assert.equal(text.decode(answers[0]?.data ?? new Uint8Array()), 'asked');
  });

  test('bus accounts - the agent cannot write into an inbox that did not ask it', async () => {
    await refusedPublish(agent, createInbox(bus.inboxPrefix('UI_ALICE')));
    await refusedPublish(agent, '_INBOX.anything');
  });

  test('bus accounts - no UI user and no agent reads the inbox of another', async () => {
    const alices = `${bus.inboxPrefix('UI_ALICE')}.>`;
    for (const client of [bob, agent]) {
      for (const subject of [alices, `${bus.inboxPrefix('UI_ALICE')}.*`, '_INBOX.>', '*.>', '>']) {
        await refusedSubscribe(client, subject);
      }
    }
  });

  test('bus accounts - agent and UI reach only subjects of their own agent', async () => {
    for (const subject of [
      'auth.workiq.cache.other',
      'tool.invoke.mcp.other',
      'patrol.other.run',
      'mcp.manage.other',
    ]) {
      await refusedPublish(alice, subject);
      await refusedSubscribe(agent, subject);
    }
    for (const subject of ['auth.workiq.changed.other', 'tool.result.other', 'agent.status.other']) {
      await refusedSubscribe(alice, subject);
      await refusedPublish(agent, subject);
    }
  });

  test('bus accounts - the system account and the users of RockBot do not see each other', async () => {
    const sys = await bus.connect('SYS');
    const seen = collect(sys, '>');
    const mirrored = ['auth.>', 'tool.invoke.>', 'agent.>'].map((subject) => collect(sys, subject));
    await sys.connection.flush();
    await alice.connection.request('tool.list.rockbot', '', { timeout: 2_000 });
    agent.connection.publish('agent.status.rockbot', '');
    await agent.connection.flush();
    const before = served.length;
    sys.connection.publish('tool.list.rockbot', '', { reply: 'anywhere' });
    // The server has passed on what there was to pass on when it answers both.
    await sys.connection.flush();
    await agent.connection.flush();
    assert.equal(served.length, before, 'the agent gets nothing from the system account');
    seen.splice(0, seen.length, ...seen.filter(({ reply }) => reply !== 'anywhere'));
    assert.deepEqual(
      seen.map(({ subject }) => subject).filter((subject) => !subject.startsWith('$SYS.')),
      [],
    );
    assert.deepEqual(mirrored.flat(), []);
    await refusedSubscribe(alice, '$SYS.>');
    await refusedPublish(alice, '$SYS.REQ.SERVER.PING');
  });
});

describe('bus accounts, storage', { timeout: 60_000 }, () => {
  test('P4 bus accounts - no stream over the auth subjects can be made, even on a server with JetStream', async () => {
    const storeDir = await mkdtemp(join(tmpdir(), 'rockbot-js-'));
    const unrestricted = (await readFile(accountsFile, 'utf8')).replace(
      'users: [',
      'users: [ { nkey: $ROCKBOT_STRANGER_NKEY, permissions { publish: { allow: ">" }, subscribe: { allow: ">" } } }',
    );
    try {
      await using bus = await startAccountsBus({ storeDir, configText: unrestricted });
      const config = JSONCodec().encode({ name: 'S', subjects: ['auth.workiq.>'], storage: 'memory' });
      const create = '$JS.API.STREAM.CREATE.S';
      for (const user of appUsers) {
        await refusedPublish(await bus.connect(user), create, JSON.stringify({ name: 'S', subjects: ['auth.>'] }));
      }
      // Whoever got past the permissions meets an account without JetStream; the system account never has it.
      const { connection: unlimited } = await bus.connect('STRANGER');
      const answer = await unlimited.request(create, config, { timeout: 2_000 });
      assert.equal(JSONCodec<{ error: { code: number } }>().decode(answer.data).error.code, 503);
      const { connection: system } = await bus.connect('SYS');
      await assert.rejects(system.request(create, config, { timeout: 300 }));
    } finally {
      await rm(storeDir, { recursive: true, force: true });
    }
  });
});

describe('bus accounts, changes by an operator', { timeout: 60_000 }, () => {
  test('bus accounts - a second agent added as the guide says is kept apart from the first', async () => {
    const shipped = await readFile(accountsFile, 'utf8');
    const block = (name: string): string => {
      const [, found] = new RegExp(`# BEGIN ${name}\\n([\\s\\S]*?)# END ${name}\\n`).exec(shipped) ?? [];
      assert.ok(found, `accounts.conf has a block "${name}"`);
      return found;
    };
    const renamed = (part: string): string => part.replaceAll('rockbot', 'patrols-2');
    const bobs = /# Bob's UI[^\n]*\n([\s\S]*?)\n\n/.exec(shipped)?.[1] ?? '';
    const configText = shipped.replace('accounts {', `${renamed(block('agent rockbot'))}\naccounts {`).replace(
      'users: [',
      () =>
        `users: [ ${renamed(block('agent rockbot user')).replace('AGENT_NKEY', 'AGENT_2_NKEY')}
          ${renamed(bobs).replaceAll('UI_BOB', 'UI_CAROL')}`,
    );
    await using bus = await startAccountsBus({ configText });
    const [first, second, alice, carol] = await Promise.all(
      (['AGENT', 'AGENT_2', 'UI_ALICE', 'UI_CAROL'] as const).map((user) => bus.connect(user)),
    );
    assert.ok(first && second && alice && carol);
    second.connection.subscribe('tool.list.patrols-2', { callback: (_error, message) => message.respond('second') });
    await second.connection.flush();
    assert.equal((await carol.connection.request('tool.list.patrols-2', '', { timeout: 2_000 })).string(), 'second');

    await refusedSubscribe(second, 'auth.workiq.cache.rockbot');
    await refusedSubscribe(second, 'tool.invoke.mcp.*');
    await refusedSubscribe(first, 'auth.workiq.cache.patrols-2');
    await refusedPublish(second, 'auth.workiq.changed.rockbot');
    await refusedPublish(second, 'tool.invoke.mcp.rockbot');
    await refusedPublish(alice, 'tool.invoke.mcp.patrols-2');
    await refusedPublish(carol, 'tool.invoke.mcp.rockbot');
    await refusedSubscribe(carol, 'tool.result.rockbot');
    await refusedSubscribe(carol, `${bus.inboxPrefix('UI_ALICE')}.>`);
  });

  test('bus accounts - a user added without permissions can do nothing', async () => {
    const configText = (await readFile(accountsFile, 'utf8')).replace(
      'users: [',
      'users: [ { nkey: $ROCKBOT_STRANGER_NKEY }',
    );
    await using bus = await startAccountsBus({ configText });
    const stranger = await bus.connect('STRANGER');
    await refusedPublish(stranger, 'tool.list.rockbot');
    await refusedSubscribe(stranger, 'agent.status.rockbot');
    await refusedSubscribe(stranger, '>');
  });

  test('P14 bus accounts - the server does not start while a key is missing', async () => {
    const configText = (await readFile(accountsFile, 'utf8')).replace('$ROCKBOT_AGENT_NKEY', '$ROCKBOT_FORGOTTEN_NKEY');
    await assert.rejects(
      startAccountsBus({ configText }),
      (error) => error instanceof NatsServerError && error.problem === 'config_invalid',
    );
  });

  test('bus accounts - the whole example with its TLS listener is a valid configuration', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rockbot-tls-'));
    try {
      const pair = await generate([{ name: 'commonName', value: 'localhost' }]);
      const [cert, key] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
      await writeFile(cert, pair.cert);
      await writeFile(key, pair.private, { mode: 0o600 });
      const { createUser } = await import('@nats-io/nkeys');
      const users = ['AGENT', 'UI_ALICE', 'UI_BOB', 'UI_VIEWER', 'MONITOR', 'SYS'];
      const keys = users.map((user) => [`ROCKBOT_${user}_NKEY`, createUser().getPublicKey()] as const);
      const env = {
        ...Object.fromEntries(keys),
        ...Object.fromEntries(keys.map(([name, value]) => [name.replace('NKEY', 'INBOX'), `_INBOX_${value}.>`])),
        ROCKBOT_BUS_CERT: cert,
        ROCKBOT_BUS_KEY: key,
      };
      const file = fileURLToPath(new URL('../../deploy/nats/nats-server.conf', import.meta.url));
      const { stdout, stderr } = await promisify(execFile)((await testNatsProgram()).path, ['-t', '-c', file], { env });
      assert.match(stdout + stderr, /configuration file .* is valid/);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
