import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotInstall, install } from '../../../../editors/vscode/src/environment.ts';
import { type Ended, run, type Run } from '../../../../editors/vscode/src/processes.ts';

const ended = (code: number | null, stderr = ''): Ended => ({ code, stdout: '', stderr });

/** Install on a machine where programs end as `ends` says; returns what was run and said, and why it failed. */
async function made(ends: (program: string, words: readonly string[]) => Ended, python = '', aborted = false) {
  const ran: string[] = [];
  const said: string[] = [];
  const scripted: Run = async (program, words) => {
    ran.push([program, ...words].join(' '));
    return ends(program, words);
  };
  const signal = aborted ? AbortSignal.abort() : new AbortController().signal;
  const wanted = { folder: '/storage/environment', requirement: '/clone', python, windows: false, signal };
  const failed = await install(wanted, scripted, (line) => said.push(line)).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ran, said, failed };
}

test('the first Python that is new enough makes the environment, which then installs', async () => {
  const { ran, said, failed } = await made((program) => ended(program === 'python3.13' ? 1 : 0));
  assert.equal(failed, undefined);
  assert.ok(ran.includes('python3.12 -m venv --clear /storage/environment'));
  assert.match(ran.at(-1) ?? '', /^\/storage\/environment\/bin\/python -m pip install .* \/clone$/);
  assert.ok(said.includes('installing /clone'));
});

test('what fails is told with its last line', async () => {
  const { failed } = await made((_, words) => (words[1] === 'pip' ? ended(1, 'lots\nno space left\n') : ended(0)));
  assert.ok(failed instanceof CannotInstall && failed.message.includes('no space left'));
});

test('a machine without a Python that is new enough is told so, and so is a setting that names an old one', async () => {
  const none = await made(() => ended(1));
  assert.ok(none.failed instanceof CannotInstall && none.failed.message.includes('3.11 or newer'));
  const old = await made(() => ended(1), '/usr/bin/python3.8');
  assert.ok(old.failed instanceof CannotInstall && old.failed.message.includes('twolane.server.python'));
  assert.equal(old.ran.length, 1);
});

test('who gives up is not told of a failure of the program that was stopped', async () => {
  const { failed } = await made((_, words) => ended(words[0] === '-c' ? 0 : null), '', true);
  assert.ok(failed instanceof CannotInstall && failed.message.startsWith('Given up'));
});

test('a real program is heard line by line, and one that is not there ends with the reason', async () => {
  const heard: string[] = [];
  const words = ['-e', 'console.log("one"); console.error("two"); process.exitCode = 3'];
  const done = await run(process.execPath, words, { onLine: (line) => heard.push(line) });
  assert.equal(done.code, 3);
  assert.deepEqual(heard.sort(), ['one', 'two']);
  const gone = await run('/nowhere/program', []);
  assert.equal(gone.code, null);
  assert.match(gone.stderr, /ENOENT/);
});
