// mcp.json and patrols.json in the encodings in which editors save.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMcpConfig } from '../../shared/mcp-config/parse-mcp-config.ts';
import { parsePatrols } from '../../shared/patrols/parse-patrols.ts';
import { parseJsonc } from '../../shared/parse-jsonc.ts';

const text = '{\n  // none\n  "mcpServers": {},\n}\n';

test('JSON with comments - a byte order mark of UTF-8 changes nothing', () => {
  assert.deepEqual(parseJsonc(`\ufeff${text}`), parseJsonc(text));
  assert.ok(parseJsonc(text).ok);
});

const swapped = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
for (const [encoding, bytes] of Object.entries({
  'UTF-16 with a byte order mark': Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16 of the other byte order': swapped,
  'UTF-16 without a byte order mark': Buffer.from(text, 'utf16le'),
}))
  test(`JSON with comments - ${encoding} is told to be saved as UTF-8`, () => {
    const given = bytes.toString('utf8');
    for (const parsed of [parseJsonc(given), parseMcpConfig(given, { profiles: [] }), parsePatrols(given)]) {
      assert.ok(!parsed.ok);
      assert.match(parsed.problem, /save it as UTF-8/);
    }
  });
