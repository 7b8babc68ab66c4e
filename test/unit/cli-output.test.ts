// Where and how the command line writes: colours and a spinner for a person at a terminal, neither for a pipe.
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { createOutput, hasColors, type Output, type OutputStream } from '../../extension/cli/output.ts';

interface FakeStream extends OutputStream {
  text: string;
}

function stream(isTTY: boolean, columns?: number): FakeStream {
  return {
    isTTY,
    columns,
    text: '',
    write(text) {
      this.text += text;
      return true;
    },
  };
}

interface Setup {
  stdout?: FakeStream;
  stderr?: FakeStream;
  json?: boolean;
  env?: NodeJS.ProcessEnv;
}

function setUp({ stdout = stream(true, 80), stderr = stream(true, 80), json = false, env = {} }: Setup = {}): {
  output: Output;
  stdout: FakeStream;
  stderr: FakeStream;
} {
  return { output: createOutput({ stdout, stderr, json, env }), stdout, stderr };
}

/** Timers and clock stand still until told otherwise. */
function standStill(context: TestContext): (milliseconds: number) => void {
  context.mock.timers.enable({ apis: ['setInterval'] });
  let now = 0;
  context.mock.method(performance, 'now', () => now);
  return (milliseconds) => {
    now += milliseconds;
    context.mock.timers.tick(milliseconds);
  };
}

const escape = '\u001b';
const clearLine = `\r${escape}[2K`;

describe('cli output - colours', () => {
  test('cli output - a terminal gets colours, on each stream for itself', () => {
    const { output } = setUp({ stdout: stream(true), stderr: stream(false) });
    assert.equal(output.view.colors.red('x'), `${escape}[31mx${escape}[39m`);
    assert.equal(output.noteColors.red('x'), 'x');
    const other = setUp({ stdout: stream(false), stderr: stream(true) }).output;
    assert.equal(other.view.colors.red('x'), 'x');
    assert.equal(other.noteColors.red('x'), `${escape}[31mx${escape}[39m`);
  });

  const cases: [string, boolean, NodeJS.ProcessEnv, boolean][] = [
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
    ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['a pipe with FORCE_COLOR=0', false, { FORCE_COLOR: '0' }, false],
    ['a pipe with both', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ];
  for (const [what, isTTY, env, expected] of cases) {
    test(`cli output - ${what} ${expected ? 'has' : 'has no'} colours`, () => {
      assert.equal(hasColors(stream(isTTY), env), expected);
    });
  }

  test('cli output - what is drawn is as wide as the terminal, and wide in a pipe', () => {
    assert.equal(setUp({ stdout: stream(true, 100) }).output.view.width, 100);
    assert.equal(setUp({ stdout: stream(true, 10) }).output.view.width, 40);
    assert.equal(setUp({ stdout: stream(false) }).output.view.width, 160);
    assert.equal(setUp({ stdout: stream(false), env: { COLUMNS: '60' } }).output.view.width, 60);
  });
});

describe('cli output - spinner', () => {
  test('cli output - a person who waits sees what for and how long already; it disappears when it is done', (context) => {
    const pass = standStill(context);
    const { output, stdout, stderr } = setUp();
    const spinner = output.wait('Asking the agent');
    assert.equal(stderr.text, '', 'what is done at once shows nothing');
    pass(100);
    assert.match(stderr.text, /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]\S* Asking the agent\S*$/);
    const [first] = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.exec(stderr.text) ?? [];
    stderr.text = '';
    pass(100);
    assert.ok(!stderr.text.includes(first ?? ''), 'it turns');
    spinner.update('Waiting for the answer');
    stderr.text = '';
    pass(2_900);
    const last = stderr.text.slice(stderr.text.lastIndexOf(clearLine));
    assert.match(last, /Waiting for the answer/);
    assert.ok(last.includes(' 3 s'), last);
    stderr.text = '';
    spinner.stop();
    assert.equal(stderr.text, clearLine);
    pass(1_000);
    spinner.stop();
    assert.equal(stderr.text, clearLine, 'it stays away');
    assert.equal(stdout.text, '', 'the result is never mixed with it');
  });

  for (const [where, setup] of [
    ['a pipe', { stderr: stream(false) }],
    ['a dumb terminal', { env: { TERM: 'dumb' } }],
  ] as [string, Setup][]) {
    test(`cli output - ${where} gets no spinner`, (context) => {
      const pass = standStill(context);
      const { output, stderr } = setUp(setup);
      const spinner = output.wait('Asking the agent');
      pass(5_000);
      spinner.stop();
      assert.equal(stderr.text, '');
    });
  }

  test('cli output - with --json a person at a terminal sees it as well, and stdout holds JSON alone', (context) => {
    const pass = standStill(context);
    const { output, stdout, stderr } = setUp({ json: true, stdout: stream(false) });
    using _ = output.wait('Asking the agent');
    pass(200);
    assert.match(stderr.text, /Asking the agent/);
    output.say('a word');
    output.lines(['drawn']);
    output.json({ ok: true });
    assert.equal(stdout.text, '{"ok":true}\n');
    assert.match(stderr.text, /a word\n/);
  });

  test('cli output - a line that is printed meanwhile takes the place of the spinner, which comes back below', (context) => {
    const pass = standStill(context);
    const { output, stderr } = setUp();
    using _ = output.wait('Asking the agent');
    pass(100);
    stderr.text = '';
    output.note('The bus is back.');
    assert.equal(stderr.text, `${clearLine}The bus is back.\n`);
    stderr.text = '';
    pass(100);
    assert.match(stderr.text, /Asking the agent/);
  });

  test('cli output - a second wait ends the first, and a narrow terminal is not wrapped', (context) => {
    const pass = standStill(context);
    const { output, stderr } = setUp({ stderr: stream(true, 24) });
    output.wait('The first');
    pass(100);
    using _ = output.wait(`The second, ${'very '.repeat(20)}long`);
    stderr.text = '';
    pass(100);
    assert.doesNotMatch(stderr.text, /The first/);
    const shown = stderr.text.replaceAll(clearLine, '').replace(new RegExp(`${escape}\\[\\d+m`, 'g'), '');
    assert.ok(shown.length <= 24, `${shown.length} columns: ${shown}`);
  });
});
