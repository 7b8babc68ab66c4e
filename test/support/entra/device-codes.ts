/** State of the device authorization grant (RFC 8628): issue, decide, poll; it must not know pages or token minting. */
import { randomInt, randomUUID } from 'node:crypto';
import { aadsts, deviceFlowError } from './aadsts.ts';
import type { DirectoryUser } from './directory.ts';
import { opaque } from './issued.ts';
import type { Session } from './issued.ts';
import type { Settings } from './settings.ts';

export const DEVICE_CODE_STATES = ['pending', 'approved', 'declined', 'expired', 'redeemed'] as const;

export type DeviceCodeState = (typeof DEVICE_CODE_STATES)[number];

export interface DeviceCode {
  deviceCode: string;
  userCode: string;
  clientId: string;
  /** Tenant segment of the authority: a GUID, `organizations` or `common`. */
  authority: string;
  scope: string;
  claims?: string | undefined;
  expiresAtMs: number;
  state: DeviceCodeState;
  session?: Session;
  polls: number;
  /** So many further polls are answered `slow_down`. */
  slowDowns: number;
}

/** Entra's alphabet leaves out what is easily misread. */
const USER_CODE_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const USER_CODE_LENGTH = 9;

export function createDeviceCodes(settings: Readonly<Settings>) {
  const codes = new Map<string, DeviceCode>();
  const expire = (code: DeviceCode): DeviceCode => {
    if (code.state === 'pending' && code.expiresAtMs <= Date.now()) code.state = 'expired';
    return code;
  };

  return {
    create(request: Pick<DeviceCode, 'clientId' | 'authority' | 'scope' | 'claims'>): DeviceCode {
      const code: DeviceCode = {
        ...request,
        deviceCode: opaque('CAQABAAEAAAA', 180),
        userCode: newUserCode(),
        expiresAtMs: Date.now() + settings.deviceCodeLifeSeconds * 1000,
        state: 'pending',
        polls: 0,
        slowDowns: 0,
      };
      codes.set(code.deviceCode, code);
      return code;
    },
    list: (): DeviceCode[] => [...codes.values()].map(expire),
    /** Spaces, dashes and case do not matter to a person typing it. */
    byUserCode(typed: string): DeviceCode | undefined {
      const wanted = typed.replace(/[\s-]/g, '').toUpperCase();
      const found = [...codes.values()].find((code) => code.userCode === wanted);
      return found && expire(found);
    },
    approve(code: DeviceCode, user: DirectoryUser, acrs: string[]): void {
      code.state = 'approved';
      code.session = {
        id: randomUUID(),
        user,
        clientId: code.clientId,
        authTimeMs: Date.now(),
        acrs: new Set(acrs),
      };
    },
    /** The approved code, now redeemed. @throws EntraError pending, declined, slow_down, 70018, 70020, 54005. */
    redeem(deviceCode: string, clientId: string): DeviceCode & { session: Session } {
      const code = codes.get(deviceCode);
      if (!code || code.clientId !== clientId) throw aadsts(70018);
      expire(code);
      code.polls += 1;
      if (code.slowDowns > 0) {
        code.slowDowns -= 1;
        throw deviceFlowError('slow_down');
      }
      const { session } = code;
      if (code.state === 'declined') throw deviceFlowError('authorization_declined');
      if (code.state === 'expired') throw aadsts(70020);
      if (code.state === 'redeemed') throw aadsts(54005);
      if (code.state === 'pending' || !session) throw aadsts(70016);
      code.state = 'redeemed';
      return { ...code, session };
    },
    reset: (): void => codes.clear(),
  };
}

function newUserCode(): string {
  return Array.from({ length: USER_CODE_LENGTH }, () => USER_CODE_ALPHABET[randomInt(USER_CODE_ALPHABET.length)]).join(
    '',
  );
}
