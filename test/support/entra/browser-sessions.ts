/** The signed-in user of a browser, by cookie; it must not know tokens. */
import { randomUUID } from 'node:crypto';
import type { DirectoryUser } from './directory.ts';

const COOKIE = 'ESTSAUTH';

export function createBrowserSessions() {
  const users = new Map<string, DirectoryUser>();
  return {
    /** The `Set-Cookie` value that signs the user in. */
    signIn(user: DirectoryUser): string {
      const id = randomUUID();
      users.set(id, user);
      return `${COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`;
    },
    user(cookieHeader: string | undefined): DirectoryUser | undefined {
      const id = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(cookieHeader ?? '')?.[1];
      return id === undefined ? undefined : users.get(id);
    },
    signOutCookie: `${COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly`,
    reset: (): void => users.clear(),
  };
}
