// The error class: known by its kind also from another copy of the code, as bundles that load each other have one each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { BusUnreachableError } from '../../extension/bus/bus-unreachable.ts';

const copy = '../../shared/errors/rockbot-error.ts?copy';
const other = ((await import(copy)) as { RockBotError: typeof RockBotError }).RockBotError;

class Unnamed extends RockBotError {}

test('errors - one of another bundle is known, with its code', () => {
  const foreign = new other({ code: 'forbidden', message: 'No.' });
  assert.notEqual(other, RockBotError);
  assert.ok(foreign instanceof RockBotError && foreign.code === 'forbidden');
  assert.ok(new RockBotError({ code: 'internal', message: '' }) instanceof other);
});

test('errors - a kind is no other kind', () => {
  const general = new RockBotError({ code: 'timeout', message: '' });
  const special = new BusUnreachableError({ message: '', action: '' });
  assert.ok(special instanceof BusUnreachableError && special instanceof RockBotError && special instanceof other);
  assert.ok(
    !(general instanceof BusUnreachableError) && !(general instanceof Unnamed) && !(special instanceof Unnamed),
  );
  assert.ok(new Unnamed({ code: 'timeout', message: '' }) instanceof Unnamed);
});

test('errors - nothing else passes for one', () => {
  for (const value of [
    undefined,
    null,
    'x',
    new Error('x'),
    { name: 'RockBotError', code: 'internal' },
    Object.create(null),
  ])
    assert.ok(!(value instanceof RockBotError));
});
