// The shipped accounts of the bus against the contract: a subject that is in the one only is either dead or wide open.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { events, requests } from '../../shared/contract/contract.ts';
import { accountsFile } from '../support/accounts-bus.ts';

const accounts = (await readFile(accountsFile, 'utf8')).replace(/#.*$/gm, '');
const subjects = (text: string): string[] => [...text.matchAll(/"([^"\s]+)"/g)].map(([, subject = '']) => subject);
const list = (name: string): string[] => {
  const found = new RegExp(`^${name} = \\[([^\\]]*)\\]`, 'm').exec(accounts)?.[1];
  assert.ok(found !== undefined, `there is no ${name}`);
  return subjects(found).toSorted();
};

const requested = Object.values(requests).map(({ subject }) => subject('rockbot'));
const told = Object.entries(events).map(([name, { subject }]) =>
  subject(name === 'toolProgress' ? 'rockbot.*' : 'rockbot'),
);

describe('bus accounts - each list names what the contract does, no more and no less', () => {
  test('bus accounts - what an agent is asked', () => {
    assert.deepEqual(list('REQUESTS_TO_rockbot'), requested.toSorted());
  });

  test('bus accounts - what an agent tells', () => {
    assert.deepEqual(list('EVENTS_OF_rockbot'), told.toSorted());
  });

  test('bus accounts - what an agent hears: what it is asked, and the heartbeats under its name', () => {
    assert.deepEqual(list('HEARD_BY_rockbot'), [...requested, events.agentStatus.subject('rockbot')].toSorted());
  });

  test('bus accounts - what each person hears: an inbox of their own, and what an agent tells', () => {
    const persons = [...accounts.matchAll(/allow: \[\s*\$ROCKBOT_UI_\w+_INBOX([^\]]*)\]/g)];
    assert.equal(persons.length, 2);
    for (const [, heard = ''] of persons) assert.deepEqual(subjects(heard).toSorted(), told.toSorted());
  });
});
