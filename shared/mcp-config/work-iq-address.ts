// Whether an address is one of Microsoft Work IQ's, as it is written; variables in it may stand for anything.
import { agent365Origin, workIqOrigin } from '../work-iq-catalogue.ts';

export function isWorkIqAddress(url: string): boolean {
  return [workIqOrigin, agent365Origin].some((origin) => url === origin || url.startsWith(`${origin}/`));
}
