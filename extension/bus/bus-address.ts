// What is an address of a bus, and what to say of a text that is none; pure.

/** `ws://` or `wss://`, without credentials. */
export function isBusAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, host } = new URL(text);
  return /^wss?:$/.test(protocol) && host !== '' && username === '' && password === '';
}

export interface AddressProblem {
  message: string;
  /** It can be used all the same. */
  isWarning: boolean;
}

/** Undefined for a good address. */
export function busAddressProblem(typed: string): AddressProblem | undefined {
  const text = typed.trim();
  const wrong = (message: string): AddressProblem => ({ message, isWarning: false });
  if (text === '') return wrong('Enter the address, for example wss://bus.example or ws://127.0.0.1:4223.');
  if (/^(?:nats|tls):/i.test(text))
    return wrong('This is the address for other programs; VS Code needs the WebSocket one, with ws:// or wss://.');
  if (/^https?:/i.test(text))
    return wrong('Begin with wss:// in place of https://, or with ws:// in place of http://.');
  if (!/^wss?:\/\//i.test(text))
    return wrong('Begin with wss:// (encrypted), or with ws:// for a bus on this machine.');
  if (!URL.canParse(text)) return wrong('This is no complete address. Use wss://host or wss://host:port.');
  const { username, password } = new URL(text);
  if (username !== '' || password !== '')
    return wrong('Leave the user and password out; "RockBot: Set Bus Credentials" keeps them in the secret storage.');
  if (!isBusAddress(text)) return wrong('Use wss://host or wss://host:port.');
  return isUnencrypted(text)
    ? { message: 'ws:// is not encrypted. Use it only within a network that you trust.', isWarning: true }
    : undefined;
}

function isUnencrypted(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === 'ws:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
