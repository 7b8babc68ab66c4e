// The metadata that travels as NATS headers beside every payload; it knows no NATS type.
import { contractVersion } from './contract.ts';
import type { ContentTrust } from './definition.ts';
import { childTraceparent } from '../trace-context.ts';

export const metadataHeaders = {
  version: 'rb-v',
  type: 'rb-type',
  id: 'rb-id',
  source: 'rb-source',
  timestamp: 'rb-timestamp',
  correlationId: 'rb-correlation-id',
  contentTrust: 'rb-content-trust',
  traceparent: 'traceparent',
  /** Of requests only, beside their `traceparent`. */
  tracestate: 'tracestate',
  /** Sent by a requester that can put a reply together from several messages; see docs/contract.md. */
  acceptChunks: 'rb-accept-chunks',
  /** `{index}/{count}` on each part of such a reply, index from 0. */
  chunk: 'rb-chunk',
} as const;

export interface Metadata {
  id: string;
  type: string;
  source: string;
  timestamp: string;
  correlationId: string;
  contentTrust: ContentTrust;
  traceparent: string;
}

export interface MetadataOptions {
  type: string;
  source: string;
  contentTrust: ContentTrust;
  /** Milliseconds since the epoch. */
  now: number;
  /** The request that this message answers or follows from. */
  cause?: { correlationId?: string | undefined; traceparent?: string | undefined } | undefined;
}

export function createMetadata(options: MetadataOptions): Metadata {
  const id = crypto.randomUUID();
  return {
    id,
    type: options.type,
    source: options.source,
    timestamp: new Date(options.now).toISOString(),
    correlationId: options.cause?.correlationId ?? id,
    contentTrust: options.contentTrust,
    traceparent: childTraceparent(options.cause?.traceparent),
  };
}

/** The metadata as header names with their values, in a fixed order; no value can end its line. */
export function metadataRecord(metadata: Metadata): Record<string, string[]> {
  return {
    [metadataHeaders.version]: [contractVersion],
    [metadataHeaders.type]: [metadata.type],
    [metadataHeaders.id]: [metadata.id],
    [metadataHeaders.source]: [oneLine(metadata.source)],
    [metadataHeaders.timestamp]: [metadata.timestamp],
    [metadataHeaders.correlationId]: [oneLine(metadata.correlationId)],
    [metadataHeaders.contentTrust]: [metadata.contentTrust],
    [metadataHeaders.traceparent]: [metadata.traceparent],
  };
}

/** Source and correlation id are of somebody else's making: what follows a line break in one would be a header of its own. */
function oneLine(value: string): string {
  return /[\r\n]/.test(value) ? value.replaceAll(/[\r\n]+/g, ' ') : value;
}

/** True when the message is of the contract's major version; a missing version counts as the current one. */
export function isSupportedVersion(version: string | undefined): boolean {
  return version === undefined || version === '' || version.split('.', 1)[0] === contractVersion;
}
