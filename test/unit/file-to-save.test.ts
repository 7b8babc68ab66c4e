// Files of results as they are saved: a name that leaves no folder, and bytes that are the server's or none.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileBytes, fileNameOf } from '../../extension/results/file-to-save.ts';

describe('saved file', () => {
  for (const [name, mimeType, expected] of [
    ['photo', 'image/jpeg', 'photo.jpg'],
    ['Budget.xlsx', 'application/octet-stream', 'Budget.xlsx'],
    ['../../.bashrc', undefined, 'bashrc'],
    ['C:\\Windows\\system32\\x.dll', undefined, 'x.dll'],
    ['https://x.example/files/a.pdf?token=1', 'application/pdf', 'a.pdf'],
    ['a\u202egnp.exe', undefined, 'a_gnp.exe'],
    ['con.txt', undefined, '_con.txt'],
    ['...', 'image/png; q=1', 'file.png'],
    ['', undefined, 'file'],
  ] as const)
    test(`saved file - ${JSON.stringify(name)} is suggested as ${expected}`, () =>
      assert.equal(fileNameOf({ name, mimeType }), expected));

  test('saved file - bytes are those of the content; what is none gives nothing', () => {
    assert.deepEqual([...(fileBytes('AP8=\n') ?? [])], [0, 255]);
    for (const text of ['no base64!', 'A', '<script>']) assert.equal(fileBytes(text), undefined, text);
    assert.equal(fileBytes('A'.repeat(80 * 1024 * 1024)), undefined);
  });
});
