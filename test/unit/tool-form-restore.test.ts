// Forms and the doctor's page after a reload of the window: they come back with what was typed, wait for the tool, and say when it
// is gone; no secret is kept.
import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { WebviewPanel } from 'vscode';
import type { Finding } from '../../shared/contract/check-messages.ts';
import type { ListedServer, ListedTool } from '../../shared/contract/tool-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { doctorDocument } from '../../extension/doctor/doctor-document.ts';
import { giveDraft, giveValue } from '../../extension/tool-form/edit-form.ts';
import type { ToForm, ToPage } from '../../extension/tool-form/form-messages.ts';
import { editJson, keptPage, openPage, savedPage, showJson, withState } from '../../extension/tool-form/form-page.ts';
import { parseSavedPage } from '../../extension/tool-form/saved-page.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';

const created: FakePanel[] = [];
Object.assign(globalThis, { createPanelInTest: () => created[created.push(fakePanel()) - 1]?.panel });
const vscode = `
  const uri = (path) => ({ path, toString: () => path });
  const say = async () => undefined;
  export const Uri = { joinPath: (base, ...parts) => uri([base.path, ...parts].join('/')) };
  export const ViewColumn = { Active: -1 };
  export const ProgressLocation = { Notification: 15, Window: 10 };
  export const env = { language: 'en', clipboard: { writeText: say } };
  export const commands = { executeCommand: async (id) => void (globalThis.ranInTest ??= []).push(id) };
  export const window = { createWebviewPanel: () => globalThis.createPanelInTest(), showInformationMessage: say,
    showWarningMessage: say, showErrorMessage: say, setStatusBarMessage: say, withProgress: say };
  export const workspace = {};`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(vscode)}`, shortCircuit: true }
      : next(specifier, context),
});
const { createToolFormPanels } = await import('../../extension/ui/tool-form-panel.ts');
const { createDoctor } = await import('../../extension/ui/doctor.ts');

type FakePanel = ReturnType<typeof fakePanel>;

function fakePanel() {
  const posted: ToPage[] = [];
  let hear: (message: unknown) => void = () => undefined;
  let isDisposed = false;
  let disposed = (): void => undefined;
  const webview = {
    options: {},
    html: '',
    cspSource: '',
    asWebviewUri: (address: unknown) => address,
    postMessage: (message: ToPage) => Promise.resolve(posted.push(message) > 0),
    onDidReceiveMessage: (listener: (message: unknown) => void) => ((hear = listener), { dispose: () => undefined }),
  };
  const panel = {
    title: 'Run Send',
    webview,
    reveal: () => undefined,
    dispose: () => ((isDisposed = true), disposed()),
    onDidDispose: (listener: () => void) => ((disposed = listener), { dispose: () => undefined }),
  } as unknown as WebviewPanel;
  return { panel, posted, say: (message: unknown) => hear(message), isDisposed: () => isDisposed };
}

const inputSchema = {
  type: 'object',
  properties: {
    to: { type: 'string' },
    password: { type: 'string' },
    pass: { type: 'string', format: 'password' },
    signers: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, x: { type: 'string', writeOnly: true } } },
    },
  },
};
const tool = (schema: JsonObject): ListedTool => ({
  name: 'send',
  title: 'Send',
  inputSchema: schema,
  sideEffects: 'write',
});
const server = (tools: ListedTool[], hidden: ListedServer['hidden'] = []): ListedServer =>
  ({ name: 'mail', state: 'ready', tools, hidden }) as unknown as ListedServer;

const target = { server: 'mail', tool: 'send' };
const show = (schema: JsonObject = inputSchema): ToForm & { type: 'show' } => ({
  type: 'show',
  revision: 2,
  target,
  head: { server: 'mail', name: 'send', title: 'Send', description: '', sideEffects: 'write' },
  inputSchema: schema,
  run: { kind: 'idle' },
});

describe('tool form - what is kept of it', () => {
  test('tool form - what was typed is found again after a reload, but for secrets', () => {
    const page = openPage(show(), undefined);
    const values = {
      to: 'adele',
      password: 'hunter2',
      pass: 'hunter3',
      signers: [{ name: 'ben', x: 'hunter4' }],
    };
    const filled = withState(page, { ...page.state, arguments: values });
    const kept = JSON.stringify(keptPage(filled));
    assert.doesNotMatch(kept, /hunter/);
    const again = openPage(show(), parseSavedPage(JSON.parse(kept)));
    assert.deepEqual(again.state.arguments, { to: 'adele', signers: [{ name: 'ben' }] });
    assert.equal(savedPage(filled).state.arguments['pass'], 'hunter3', 'a page that goes on has them');
  });

  test('tool form - no secret is kept in a text of JSON, be it whole or not', () => {
    const page = showJson(openPage(show(), undefined));
    for (const text of ['{"to":"adele","pass":"hunter2"}', '{"to":"adele","pass":"hunter2'])
      assert.doesNotMatch(JSON.stringify(keptPage(editJson(page, text))), /hunter2/);
    const harmless = editJson(page, '{"to": "adele"}');
    assert.equal(keptPage(harmless).json, '{"to": "adele"}');
    const half = giveDraft(page.root, page.state, ['signers'], '[{"x":"hunter2"');
    assert.doesNotMatch(JSON.stringify(keptPage(withState(openPage(show(), undefined), half))), /hunter2/);
  });

  test('tool form - a form without secrets is kept as it is, half a text as well', () => {
    const plain = openPage(show({ type: 'object', properties: { n: { type: 'number' }, a: {} } }), undefined);
    const typed = giveDraft(plain.root, giveValue(plain.root, plain.state, ['a'], 1), ['n'], '1e');
    const filled = withState(plain, typed);
    assert.deepEqual(keptPage(filled), savedPage(filled));
    const json = editJson(filled, '{"n":');
    assert.equal(parseSavedPage(JSON.parse(JSON.stringify(keptPage(json))))?.json, '{"n":');
  });

  test('tool form - what is no saved page is none', () => {
    for (const wrong of [undefined, {}, { ...savedPage(openPage(show(), undefined)), target: { server: 1 } }])
      assert.equal(parseSavedPage(wrong), undefined);
  });
});

describe('tool form - a tab that comes back', () => {
  const state = keptPage(openPage(show(), undefined));

  function scene(servers: ListedServer[] | undefined) {
    let known = servers;
    let chosen = 0;
    const forms = createToolFormPanels({
      extensionUri: { path: '' } as never,
      servers: () => known,
      chooseTool: () => chosen++,
      ports: { learnTimeZone: () => undefined } as never,
    });
    const fake = fakePanel();
    const tell = (now: ListedServer[] | undefined): void => {
      known = now;
      forms.changed();
    };
    return { forms, fake, tell, chosen: () => chosen };
  }

  test('tool form - it waits for the tools, and goes on with what its page has', async () => {
    const { forms, fake, tell } = scene(undefined);
    forms.restore(fake.panel, state);
    assert.match(fake.panel.webview.html, /tool-form/);
    fake.say({ type: 'ready', timeZone: 'UTC' });
    assert.deepEqual(
      fake.posted.map(({ type }) => type),
      ['without'],
    );
    tell([server([tool(inputSchema)])]);
    const last = fake.posted.at(-1);
    assert.ok(last?.type === 'show');
    assert.equal(last.revision, state.revision);
    assert.deepEqual(last.target, target);
    assert.equal(last.arguments, undefined, 'what was typed is with the page');
    // It is the tool's form from now on.
    forms.open({ server: 'mail', tool: tool(inputSchema) }, undefined, undefined);
    assert.equal(created.length, 0);
    await setImmediate();
  });

  test('tool form - it says that its tool is gone or hidden, offers others, and comes when the tool does', () => {
    const { forms, fake, tell, chosen } = scene([server([])]);
    forms.restore(fake.panel, state);
    fake.say({ type: 'ready' });
    assert.deepEqual(fake.posted.at(-1), {
      type: 'without',
      isGone: true,
      message: 'There is no tool "send" on mail now. What you typed is kept for it.',
    });
    fake.say({ type: 'chooseTool' });
    assert.equal(chosen(), 1);
    tell([server([], [{ name: 'send', code: 'denied', reason: 'a guard forbids it' }] as never)]);
    const last = fake.posted.at(-1);
    assert.ok(last?.type === 'without');
    assert.equal(last.message, 'send is not available: a guard forbids it. What you typed is kept for it.');
    tell([server([tool(inputSchema)])]);
    assert.equal(fake.posted.at(-1)?.type, 'show');
  });

  test('tool form - a tab that left nothing goes', () => {
    const { forms, fake } = scene([]);
    forms.restore(fake.panel, undefined);
    assert.equal(fake.isDisposed(), true);
  });
});

describe('doctor - a tab that comes back', () => {
  const noBus: Finding[] = [finding('settings.local', 'failed', 'No bus is set in rockbot.nats.url.')];
  const document = doctorDocument(noBus, {
    at: '2027-03-01T08:00:00Z',
    isProbed: false,
    auth: undefined,
    isBusSet: false,
  });

  function scene(state: unknown) {
    const session: { target: { url: string; agentName: string } | undefined } = { target: undefined };
    const doctor = createDoctor({
      context: { extensionUri: { path: '' } },
      connection: { session, settings: () => ({ natsUrl: undefined, agentName: 'rockbot', problems: [] }) },
    } as never);
    const fake = fakePanel();
    doctor.restore(fake.panel, state);
    fake.say({ type: 'ready' });
    return { doctor, fake, session };
  }

  test('doctor - without a bus the button sets its address', () => {
    assert.deepEqual(document.care[0]?.step, { label: 'Set the Bus Address', command: 'rockbot.setBusAddress' });
  });

  test('doctor - its last document comes back, and says when it is about another bus than now', () => {
    const { doctor, fake, session } = scene({ document, about: '' });
    assert.deepEqual(fake.posted, [{ type: 'show', document, about: '', isOutdated: false }]);
    doctor.changed();
    assert.equal(fake.posted.length, 1, 'nothing has changed');
    session.target = { url: 'ws://127.0.0.1:1', agentName: 'rockbot' };
    doctor.changed();
    assert.deepEqual(fake.posted.at(-1), { type: 'show', document, about: '', isOutdated: true });
  });

  test('doctor - a tab that left nothing says that the doctor has to be run again', () => {
    assert.deepEqual(scene(undefined).fake.posted, [{ type: 'lost' }]);
  });

  test('doctor - no command of others is run from what came back', async () => {
    const care = [{ ...document.care[0], step: { label: 'x', command: 'workbench.action.terminal.sendSequence' } }];
    const { fake } = scene({ document: { ...document, care }, about: '' });
    fake.say({ type: 'step', command: 'workbench.action.terminal.sendSequence' });
    await setImmediate();
    assert.equal((globalThis as { ranInTest?: string[] }).ranInTest, undefined);
  });
});
