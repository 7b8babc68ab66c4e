// Says in plain words why the bus cannot be used and what to do; pure, it knows NATS's error codes only as text.
import { isBusAuthCode } from '../../shared/bus-auth-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { isLoopbackHost } from '../../shared/origin.ts';
import { BusRefusedError } from './bus-refused.ts';
import { BusUnreachableError, type BusTrouble } from './bus-unreachable.ts';

/** For a connection that could not be made. `socketError` is the WebSocket's own error. */
export function connectFailure(options: {
  url: string;
  hasCredentials: boolean;
  code: string | undefined;
  socketError: NodeJS.ErrnoException | undefined;
  cause: unknown;
}): RockBotError {
  const { url, hasCredentials, code, socketError, cause } = options;
  if (isBusAuthCode(code)) return credentialsRefused(url, hasCredentials, cause);
  const text = socketError?.message ?? '';
  const systemCode = socketError?.code ?? '';
  const fail = (message: string, action: string, trouble?: BusTrouble): BusUnreachableError =>
    new BusUnreachableError({ message, action, trouble, cause: socketError ?? cause });

  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ALTNAME/.test(systemCode)) {
    return fail(
      `The certificate of the bus at ${url} is not trusted (${systemCode}).`,
      'Name the file of its certificate authority in Nats__CaFile or NODE_EXTRA_CA_CERTS.',
      'untrusted',
    );
  }
  if (/EPROTO|WRONG_VERSION/.test(systemCode)) {
    return fail(`The bus at ${url} does not speak TLS there.`, 'Use ws:// instead of wss://, or the port for TLS.');
  }
  if (/Unexpected server response/.test(text)) {
    return fail(
      `Something answers at ${url}, but it is no NATS WebSocket (${text.toLowerCase()}).`,
      'Check the address of the bus, its port and its path.',
    );
  }
  if (/Parse Error|HPE_/.test(`${text} ${systemCode}`)) {
    return fail(
      `Something answers at ${url}, but it is no WebSocket.`,
      'Use the WebSocket port of the NATS server (often 4223, 443 or 8080), not its client port 4222.',
    );
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(systemCode)) {
    return fail(`The host of the bus address ${url} is not known.`, 'Check the address and the network.');
  }
  const message = `No bus answers at ${url}${systemCode === '' ? '' : ` (${systemCode})`}.`;
  return isLoopbackUrl(url)
    ? fail(
        message,
        'Start a local agent with "rockbot agent", or name the address of your bus with --nats.',
        'no_bus_here',
      )
    : fail(message, 'Check the address and the network, or ask the operator of the bus.');
}

export function credentialsRefused(url: string, hasCredentials: boolean, cause?: unknown): RockBotError {
  return new BusRefusedError({
    hasCredentials,
    message: hasCredentials
      ? `The bus at ${url} refuses these credentials.`
      : `The bus at ${url} wants credentials and none were given.`,
    action: hasCredentials
      ? 'Ask the operator of the bus whether your public nkey is registered there.'
      : 'Name your nkey seed file with --nkey or your credentials file with --creds.',
    cause,
  });
}

export function permissionViolation(subject: string, operation: 'publish' | 'subscribe'): RockBotError {
  return new RockBotError({
    code: 'forbidden',
    message: `The bus does not let you ${operation === 'publish' ? 'publish to' : 'subscribe to'} "${subject}".`,
    action: 'Ask the operator of the bus to allow this subject for your user; check the name of the agent, too.',
  });
}

export function noAgentAnswers(agent: string, url: string): RockBotError {
  return new BusUnreachableError({
    message: `No agent named "${agent}" answers on the bus at ${url}.`,
    action: 'Check that the agent runs and that its name is right (--agent), then try again.',
    trouble: 'no_agent',
  });
}

export function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname);
}
