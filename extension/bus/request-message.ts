// One request as it goes over the bus: its bytes and headers, and whether the bus takes as much.
import { MsgHdrsImpl, type MsgHdrs } from 'nats.ws';
import { requests, type RequestInputOf, type RequestName } from '../../shared/contract/contract.ts';
import { createMetadata, metadataHeaders, metadataRecord } from '../../shared/contract/metadata.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export interface RequestMessageOptions<Name extends RequestName> {
  name: Name;
  payload: RequestInputOf<Name>;
  /** How this program names itself. */
  source: string;
  traceparent: string | undefined;
}

export interface RequestMessage {
  body: Uint8Array;
  headers: MsgHdrs;
}

/** Throws ZodError for a payload that the contract does not have. */
export function requestMessage<Name extends RequestName>({
  name,
  payload,
  source,
  traceparent,
}: RequestMessageOptions<Name>): RequestMessage {
  const { request, type, trust } = requests[name];
  const metadata = createMetadata({ type, source, contentTrust: trust, now: Date.now(), cause: { traceparent } });
  return {
    body: new TextEncoder().encode(JSON.stringify(request.parse(payload))),
    headers: MsgHdrsImpl.fromRecord({ ...metadataRecord(metadata), [metadataHeaders.acceptChunks]: ['1'] }),
  };
}

/** @throws RockBotError `payload_too_large`; `limit` is the bus's `max_payload`, undefined while not known */
export function assertFits({ body, headers }: RequestMessage, limit: number | undefined): void {
  const bytes = body.length + sizeOf(headers);
  if (limit === undefined || bytes <= limit) return;
  throw new RockBotError({
    code: 'payload_too_large',
    message: `The request has ${bytes} bytes; the bus takes at most ${limit}.`,
    action: 'Send less, or ask the operator of the bus to raise max_payload.',
  });
}

/** As the NATS protocol writes them. */
function sizeOf(headers: MsgHdrs): number {
  let text = 'NATS/1.0\r\n\r\n';
  for (const [key, values] of headers) for (const value of values) text += `${key}: ${value}\r\n`;
  return new TextEncoder().encode(text).length;
}
