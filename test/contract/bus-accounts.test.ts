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
    assert.equal(persons.length, 3);
    const [alice = '', bob = '', viewer = ''] = persons.map(([, heard]) => heard);
    for (const heard of [alice, bob]) assert.deepEqual(subjects(heard).toSorted(), told.toSorted());
    assert.deepEqual(
      subjects(viewer).filter((subject) => !told.includes(subject)),
      [],
    );
  });

  test('bus accounts - what a viewer may ask is part of the contract, and changes nothing', () => {
    const { toolInvoke, toolCancel, mcpManage, authCache, authDisconnect, elicitationAnswer, patrolRunNow } = requests;
    const changing = [
      toolInvoke,
      toolCancel,
      mcpManage,
      authCache,
      authDisconnect,
      elicitationAnswer,
      patrolRunNow,
      requests.agentCheck,
    ];
    const [, allowed = ''] = /VIEWER_NKEY\s+permissions \{\s+publish: \{\s+allow: \[([^\]]*)\]/.exec(accounts) ?? [];
    const asked = subjects(allowed);
    assert.ok(asked.length > 0);
    assert.deepEqual(
      asked.filter((subject) => !requested.includes(subject)),
      [],
    );
    assert.deepEqual(
      asked.filter((subject) => changing.some((request) => request.subject('rockbot') === subject)),
      [],
    );
  });
});
