// What the command line makes of the doctor's findings: skipped ones together, and what a look alone does not prove.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pc from 'picocolors';
import { FindingLines, furtherLines } from '../../extension/cli/commands/doctor-text.ts';
import type { View } from '../../extension/cli/render/view.ts';
import { finding, skipped } from '../../shared/doctor/finding.ts';

const view: View = { width: 200, colors: pc.createColors(false), timeZone: 'UTC', now: 0 };

test('doctor text - what was skipped for one reason is one line that names each server once', () => {
  const text = new FindingLines(view);
  const found = [
    ...skipped(['sign-in.refresh'], 'Later.'),
    ...['mail', 'workiq'].flatMap((of) => skipped(['server.reach', 'server.entitled'], 'Later.', of)),
  ];
  const lines = [...found.flatMap((each) => text.add(each)), ...text.rest()];
  assert.deepEqual(lines, [
    'Microsoft 365',
    '· Refresh; mail · Reached, Entitled; workiq · Reached, Entitled: not looked at. Later.',
  ]);
});

test('doctor text - with a sign-in it says how to prove the rest, and nothing of what was asked for', () => {
  const connected = finding('sign-in.state', 'ok', 'Connected.');
  const findings = [
    connected,
    ...skipped(['sign-in.refresh'], 'No.'),
    ...skipped(['server.entitled'], 'No.', 'workiq'),
  ];
  const further = (refresh: boolean, probe: boolean): string => furtherLines(findings, { refresh, probe }, view).join();
  assert.match(further(false, false), /--refresh.*--probe/);
  assert.doesNotMatch(further(true, false), /--refresh/);
  assert.doesNotMatch(further(false, true), /--probe/);
  assert.equal(further(true, true), '');
  const none = [finding('sign-in.state', 'failed', 'Nobody.'), ...findings.slice(1)];
  assert.deepEqual(furtherLines(none, { refresh: false, probe: false }, view), []);
});
