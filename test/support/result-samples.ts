// Results of tools as events, in the shapes that Work IQ's servers send; for tests of what is shown of them.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';

let calls = 0;

export function resultEvent(result: unknown, over: Partial<ToolResultEvent> = {}): ToolResultEvent {
  return {
    callId: `call-${(calls += 1)}`,
    server: 'workiq',
    tool: 'fetch',
    caller: 'this window',
    startedAt: '2026-11-23T07:59:00.000Z',
    durationMs: 1_234,
    ok: true,
    ...(result !== undefined && { result }),
    ...over,
  };
}

export function errorEvent(error: Partial<NonNullable<ToolResultEvent['error']>> & { code: string }): ToolResultEvent {
  return resultEvent(undefined, { ok: false, error: { message: 'It failed.', retryable: false, ...error } });
}

/** As the unified server answers. */
export const structured = (...items: unknown[]): object => ({
  content: [],
  structuredContent: { results: items.map((data) => ({ data, statusCode: 200 })) },
});

/** As the catalogue's servers answer: JSON in text. */
export const asText = (value: unknown): object => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

export interface MailSample {
  subject?: string;
  from?: string;
  content?: string;
}

export function mail({ subject = 'Budget review', from = 'Rob Young', content }: MailSample = {}, index = 0): object {
  return {
    id: `AAMk${index}`,
    subject,
    from: { emailAddress: { name: from, address: 'rob@contoso.example' } },
    toRecipients: [{ emailAddress: { name: 'Adele Vance', address: 'adele@contoso.example' } }],
    receivedDateTime: new Date(Date.parse('2026-11-23T06:15:00Z') - index * 3_600_000).toISOString(),
    isRead: index % 2 === 1,
    importance: 'normal',
    ...(content !== undefined && { body: { contentType: 'html', content } }),
  };
}

export function mails(count: number, sample?: MailSample): object {
  return structured({
    value: Array.from({ length: count }, (_, index) => mail({ subject: `Mail ${index}`, ...sample }, index)),
  });
}

export function calendarEvent(subject: string, start: string, end: string, more: object = {}): object {
  return { subject, start: { dateTime: start, timeZone: 'UTC' }, end: { dateTime: end, timeZone: 'UTC' }, ...more };
}

/** One inside of the other, `depth` times. */
export function nested(depth: number): unknown {
  let value: unknown = 'the innermost';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? { inside: value } : [value];
  return value;
}

/** A valid image of one pixel. */
export const pngBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
