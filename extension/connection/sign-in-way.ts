// Which way to sign in: the browser of this machine answers to a loopback port of the extension host, which only works
// where both run on the same machine. Pure.

export type SignInWay = 'browser' | 'device_code';

export interface SignInPlace {
  /** The setting `rockbot.workiq.signIn`. */
  setting: 'auto' | 'browser' | 'deviceCode';
  /** True for SSH, containers, Codespaces, tunnels: the extension host is not where the person is. */
  isRemote: boolean;
  /** True in a browser: the editor cannot tell where that runs. */
  isWeb: boolean;
}

/** `browser` as the setting is the person's own word that both run on one machine. */
export function signInWay({ setting, isRemote, isWeb }: SignInPlace): SignInWay {
  if (setting === 'deviceCode') return 'device_code';
  if (setting === 'browser') return 'browser';
  return isRemote || isWeb ? 'device_code' : 'browser';
}
