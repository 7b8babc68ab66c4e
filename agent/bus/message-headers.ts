// The contract's metadata as NATS headers of one message of the agent.
import { MsgHdrsImpl, type MsgHdrs } from 'nats.ws';
import type { RequestDefinition } from '../../shared/contract/definition.ts';
import { createMetadata, metadataRecord } from '../../shared/contract/metadata.ts';

/** The message that this one answers or follows from. */
export interface Cause {
  correlationId?: string | undefined;
  traceparent?: string | undefined;
}

export interface MessageFacts {
  /** `rb-type`. */
  type: string;
  /** `rb-source`. */
  source: string;
  contentTrust: RequestDefinition['trust'];
  cause?: Cause | undefined;
}

export function messageHeaders(facts: MessageFacts): MsgHdrs {
  // Its `set` and `append` look every name up several times over.
  return MsgHdrsImpl.fromRecord(metadataRecord(createMetadata({ ...facts, now: Date.now() })));
}
