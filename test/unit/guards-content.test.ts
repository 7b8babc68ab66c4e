// What guards make of reading a resource and filling in a prompt, which they know as tools of those names (docs/guards.md).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkCall } from '../../shared/guards/check-call.ts';
import { parseGuards } from '../../shared/guards/parse-guards.ts';

const read = { tool: 'resources/read', arguments: { uri: 'file:///notes/today.md' } };
const prompt = { tool: 'prompts/get', arguments: { name: 'summary', arguments: { day: 'monday' } } };

function denial(value: unknown, call: typeof read | typeof prompt): string | undefined {
  const parsed = parseGuards(value);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return checkCall({ sideEffects: 'read', isWorkIq: true, ...call }, [parsed.guards])?.reason;
}

describe('guards of resources and prompts', () => {
  test('guards of resources and prompts - presets let both pass', () => {
    for (const preset of ['read-only', 'no-send', 'full'])
      assert.deepEqual([denial(preset, read), denial(preset, prompt)], [undefined, undefined], preset);
  });

  test('guards of resources and prompts - an allow list that does not name them denies them', () => {
    assert.match(denial({ allow: ['search'] }, read) ?? '', /no rule of "allow" names "resources\/read"/);
    assert.match(denial({ allow: ['search'] }, prompt) ?? '', /no rule of "allow" names "prompts\/get"/);
  });

  test('guards of resources and prompts - they are named with a star, and their addresses are paths', () => {
    assert.equal(parseGuards({ allow: ['resources/read'] }).ok, false);
    assert.equal(denial({ allow: ['resources*read'] }, read), undefined);
    assert.equal(denial({ allow: ['prompts*get'] }, prompt), undefined);
    assert.equal(denial({ allow: ['resources*read **/*.md'] }, read), undefined);
    // Without a host the first part may be one: both readings have to be allowed, and one is enough to deny.
    assert.match(denial({ allow: ['resources*read /notes/**'] }, read) ?? '', /covers \/notes\/today\.md/);
    assert.match(denial({ deny: ['resources*read **/notes/**'] }, read) ?? '', /denies \/notes\/today\.md/);
  });
});
