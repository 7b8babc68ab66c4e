// Lines of the extension's log, and of a local agent's.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readAgentLogLine } from '../../extension/local/agent-log-line.ts';
import { logText, RecentLines } from '../../extension/logger.ts';

describe('extension log', () => {
  test('extension log - a message with its fields is one line', () => {
    assert.equal(
      logText('The bus\nis connected.', { url: 'ws://bus', words: 'two words', count: 2, nothing: undefined }),
      'The bus is connected. url=ws://bus words="two words" count=2',
    );
    assert.equal(logText('Colours \u001b[31m'), 'Colours ␛[31m');
  });

  test('extension log - secrets in messages, fields and errors are gone; a line has its bound [P6]', () => {
    const line = logText('Bearer abcdefghijklmnop', {
      refreshToken: 'hunter22',
      error: new Error('wss://u:hunter22@bus'),
      deep: { password: 'hunter22' },
    });
    assert.doesNotMatch(line, /hunter22|abcdefgh/);
    assert.ok(logText('x'.repeat(100_000)).length < 4_100);
  });

  test('extension log - the last lines are kept', () => {
    const recent = new RecentLines({ most: 2 });
    for (const line of ['a', 'b', 'c']) recent.add(line);
    assert.deepEqual(recent.all, ['b', 'c']);
  });

  test('extension log - lines of an agent are read; what is no JSON of the agent is not', () => {
    assert.deepEqual(readAgentLogLine('{"time":"t","level":"warn","message":"m","agent":"a","n":1}'), {
      time: 't',
      level: 'warn',
      message: 'm',
      fields: { agent: 'a', n: 1 },
    });
    for (const line of ['plain', '', '{', '{"a":1}', '[1]']) assert.equal(readAgentLogLine(line), undefined);
  });
});
