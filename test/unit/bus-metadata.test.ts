import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMetadata, metadataRecord } from '../../shared/contract/metadata.ts';
import { childTraceparent } from '../../shared/trace-context.ts';

const common = { type: 'ToolInvokeRequested', source: 'cli', contentTrust: 'tool-request', now: 0 } as const;

describe('bus metadata', () => {
  test('bus metadata - a line break in a foreign correlation id does not begin a header of its own', () => {
    const record = metadataRecord(
      createMetadata({ ...common, cause: { correlationId: 'a\nrb-source: agent/other\r\nb' } }),
    );
    assert.deepEqual(record['rb-correlation-id'], ['a rb-source: agent/other b']);
    for (const [value] of Object.values(record)) assert.doesNotMatch(value ?? '', /[\r\n]/);
  });

  test('bus metadata - a message without a cause correlates with itself and begins a trace', () => {
    const record = metadataRecord(createMetadata(common));
    assert.deepEqual(record['rb-correlation-id'], record['rb-id']);
    assert.match(record['traceparent']?.[0] ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  test('bus metadata - spans and traces differ from message to message', () => {
    const made = Array.from({ length: 1_000 }, () => childTraceparent().split('-'));
    assert.equal(new Set(made.map(([, trace]) => trace)).size, 1_000);
    assert.equal(new Set(made.map(([, , span]) => span)).size, 1_000);
  });

  test('bus metadata - a child keeps the trace and the flags of its parent and gets a span of its own', () => {
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    const [version, trace, span, flags] = childTraceparent(parent).split('-');
    assert.deepEqual([version, trace, flags], ['00', '0af7651916cd43dd8448eb211c80319c', '00']);
    assert.notEqual(span, 'b7ad6b7169203331');
  });
});
