// rockbot auth workiq: the sign-in before a person's eyes; what is done is done by consent/.
import { approveAgent } from '../approve-agent.ts';
import { createEntraHttp } from '../../consent/entra-http.ts';
import { configFolder } from '../../consent/config-folder.ts';
import { signInWithBrowser } from '../../consent/browser-flow.ts';
import { signInWithDeviceCode } from '../../consent/device-code-flow.ts';
import { handOff, type HandOffStep } from '../../consent/hand-off.ts';
import { createKnownAgents, type KnownAgent } from '../../consent/known-agents.ts';
import type { SignedIn, SignInRequest } from '../../consent/sign-in.ts';
import { signInServiceOf } from '../../consent/sign-in-service.ts';
import { credentialsSigner, ownSigner } from '../../consent/signer.ts';
import { isBrowserLikely, openSystemBrowser } from '../../consent/system-browser.ts';
import { trustedCertificates } from '../../bus/trusted-certificates.ts';
import { RockBotError } from '../../../shared/errors/rockbot-error.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { CliContext } from '../cli-context.ts';
import { errorJson } from '../error-text.ts';
import type { InvocationOf } from '../invocation.ts';
import { readSettingFile } from '../read-setting-file.ts';
import { durationText, momentText } from '../render/date-text.ts';
import type { Spinner } from '../spinner.ts';

export async function authConnect(invocation: InvocationOf<'auth_connect'>, context: CliContext): Promise<void> {
  try {
    await connect(invocation, context);
  } catch (error) {
    context.output.json({ event: 'failed', error: errorJson(error) });
    throw error;
  }
}

async function connect(invocation: InvocationOf<'auth_connect'>, context: CliContext): Promise<void> {
  const { output, settings, env, signal } = context;
  const folder = configFolder(env);
  const credentials = await context.credentials();
  const signer = credentials === undefined ? await ownSigner({ folder }) : credentialsSigner(credentials);
  const knownAgents = createKnownAgents({ folder });
  const address = { busUrl: settings.busUrl, agent: settings.agent };
  let agent: KnownAgent | undefined;
  let isSent = false;
  const bus = await context.bus();
  const spinner = output.wait(`Asking the agent ${settings.agent} for its profile`);
  try {
    const receipt = await handOff({
      bus,
      signer,
      signal,
      approveKey: async (fingerprint, { state, authority }) => {
        const offered = { fingerprint, signInService: signInServiceOf(authority) };
        agent = offered;
        spinner.pause();
        const known = await knownAgents.find(address);
        if (state.status === 'connected' && state.account !== undefined) {
          output.note(
            `The agent is connected as ${cleanLine(state.account.username)} already; a new sign-in replaces that.`,
          );
        }
        await approveAgent({ offered, known, trustNewKey: invocation.trustNewKey, context });
      },
      signIn: (request) => signIn({ request, method: invocation.method, context, spinner }),
      onStep: (next) => {
        isSent = next === 'waiting_for_agent';
        spinner.update(stepText(next, settings.agent));
      },
    });
    spinner.stop();
    if (agent !== undefined)
      await knownAgents.remember(address, agent).catch(() => {
        output.note(output.noteColors.yellow(`The agent's key could not be remembered in ${folder}.`));
      });
    output.json({ event: 'connected', account: receipt.account, generation: receipt.generation });
    const { colors } = output.view;
    output.lines([
      `${colors.green('✔')} The agent ${settings.agent} is connected as ${colors.bold(cleanLine(receipt.account.username))}.`,
      colors.dim(
        `  Tenant ${cleanLine(receipt.account.tenantId)}, hand-off ${receipt.generation}. It refreshes by itself from now on; nothing was kept here.`,
      ),
    ]);
  } catch (error) {
    if (signal.aborted && isSent) {
      output.note('The hand-off was on its way already; "rockbot auth status" says whether the agent took it.');
    }
    throw error;
  } finally {
    spinner.stop();
  }
}

async function signIn(options: {
  request: SignInRequest;
  method: InvocationOf<'auth_connect'>['method'];
  context: CliContext;
  spinner: Spinner;
}): Promise<SignedIn> {
  const { request, context, spinner } = options;
  const { output, env, platform, settings } = context;
  const ca = settings.entraCaFile === undefined ? undefined : await readSettingFile(settings.entraCaFile, 'CA file');
  const http = createEntraHttp({ env, ca: trustedCertificates(ca) });
  const method =
    options.method === 'auto' ? (isBrowserLikely({ platform, env }) ? 'browser' : 'device_code') : options.method;
  // One limit for both ways; a code has its own end as well.
  const limit = settings.timeoutMs === undefined ? undefined : AbortSignal.timeout(settings.timeoutMs);
  if (request.claims !== undefined) output.note('Microsoft asks for an additional check with this sign-in.');

  if (method === 'browser') {
    return signInWithBrowser(request, {
      http,
      signal: context.signal,
      timeLimitMs: settings.timeoutMs,
      openBrowser: async (url) => {
        output.say(`Opening the browser to sign in. If none opens, go to this address on this machine:\n\n  ${url}\n`);
        spinner.update('Waiting for the sign-in in the browser (Ctrl-C cancels)');
        if (await openSystemBrowser(url, { platform, env })) return;
        output.note('No browser could be opened here. With --device-code any device will do.');
      },
    });
  }
  const { colors } = output.view;
  return signInWithDeviceCode(request, {
    http,
    signal:
      limit === undefined ? context.signal : AbortSignal.any([context.signal, timeLimit(limit, settings.timeoutMs)]),
    onCode: ({ userCode, verificationUri, expiresAt }) => {
      output.json({ event: 'device_code', userCode, verificationUri, expiresAt: new Date(expiresAt).toISOString() });
      const until = new Date(expiresAt).toISOString();
      const remaining = durationText(expiresAt - Date.now());
      output.say(
        [
          '',
          `  Open   ${colors.cyan(cleanLine(verificationUri))}`,
          `  Enter  ${colors.bold(cleanLine(userCode))}`,
          '',
          colors.dim(`  The code is good for ${remaining}, until ${momentText(until, output.view)}.`),
          '',
        ].join('\n'),
      );
      spinner.update('Waiting for somebody to enter the code (Ctrl-C cancels)');
    },
  });
}

function timeLimit(signal: AbortSignal, timeoutMs: number | undefined): AbortSignal {
  const controller = new AbortController();
  const abort = (): void =>
    controller.abort(
      new RockBotError({
        code: 'auth_required',
        message: `Nobody completed the sign-in within ${Math.round((timeoutMs ?? 0) / 1_000)} s.`,
        action: 'Start the sign-in again.',
      }),
    );
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}

function stepText(step: HandOffStep, agent: string): string {
  switch (step) {
    case 'profile':
      return `Asking the agent ${agent} for its profile`;
    case 'sign_in':
      return 'Preparing the sign-in';
    case 'sealing':
      return 'Signed in; sealing the sign-in for the agent';
    case 'waiting_for_agent':
      return `Waiting for the agent ${agent} to check and store it`;
  }
}
