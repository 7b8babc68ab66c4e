// What a server says of its progress, as it may be told to everybody: it goes out over the bus, whatever the server made of it.
import { plainLine } from '../../shared/plain-text.ts';
import type { ToolCall } from './http-tool-call.ts';

export type Progress = Parameters<NonNullable<ToolCall['onProgress']>>[0];

/** Characters. */
const longestMessage = 300;

/** `mask` takes out what variables brought into the server's entry (promise P6). */
export function plainProgress({ progress, total, message }: Progress, mask: (text: string) => string): Progress {
  return {
    progress,
    ...(total !== undefined && { total }),
    ...(message !== undefined && { message: plainLine(mask(message), longestMessage) }),
  };
}
