// The address of a bus as people type it: what is taken, and what is said of the rest.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { busAddressProblem, isBusAddress } from '../../extension/bus/bus-address.ts';

describe('bus address', () => {
  for (const address of ['wss://bus.example', 'ws://127.0.0.1:4223', 'ws://localhost:1/path', ' wss://bus.example '])
    test(`bus address - ${address} is one`, () => assert.equal(busAddressProblem(address), undefined));

  for (const [address, said] of [
    ['localhost:4223', /Begin with wss/],
    ['http://foo', /in place of https/],
    ['nats://bus.example:4222', /WebSocket/],
    ['wss://', /no complete address/],
    ['wss://me:pw@host', /Set Bus Credentials/],
    ['', /for example/],
  ] as const)
    test(`bus address - ${JSON.stringify(address)} is none`, () => {
      const problem = busAddressProblem(address);
      assert.equal(problem?.isWarning, false);
      assert.match(problem.message, said);
      assert.doesNotMatch(problem.message, /pw/);
      assert.equal(isBusAddress(address), false);
    });

  test('bus address - without encryption to another machine it is taken with a warning', () => {
    assert.equal(busAddressProblem('ws://bus.example')?.isWarning, true);
  });
});
