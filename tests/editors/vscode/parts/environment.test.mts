import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import * as path from 'node:path';
import { test, type TestContext } from 'node:test';
import { CannotInstall, install } from '../../../../editors/vscode/src/environment.ts';
import { type Ended, run, type Run } from '../../../../editors/vscode/src/processes.ts';

const ended = (code: number | null, stderr = ''): Ended => ({ code, stdout: '', stderr });

/** Install on a machine where programs end as `ends` says; returns what was run and said, and why it failed. */
async function made(
  ends: (program: string, words: readonly string[]) => Ended,
  python = '',
  aborted = false,
  folder = '/storage/environment',
) {
  const ran: string[] = [];
  const places = new Set<string | undefined>();
  const said: string[] = [];
  const scripted: Run = async (program, words, options) => {
    ran.push([program, ...words].join(' '));
    places.add(options?.cwd);
    return ends(program, words);
  };
  const signal = aborted ? AbortSignal.abort() : new AbortController().signal;
  const wanted = { folder, requirement: '/clone', python, windows: false, signal };
  const failed = await install(wanted, scripted, (line) => said.push(line)).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ran, said, failed, places: [...places] };
}

/** A storage folder in which an environment is; `holds` lists what is there, and whether the environment is that one. */
function storage(t: TestContext, name = 'environment') {
  const folder = mkdtempSync(path.join(tmpdir(), 'twolane-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const environment = path.join(folder, 'environment');
  mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, name, 'old'), '');
  const holds = () => [readdirSync(folder), existsSync(path.join(environment, 'old'))];
  return { environment, holds };
}

const succeeds = (environment: string) => (_: string, words: readonly string[]) => {
  mkdirSync(environment, { recursive: true });
  return ended(words.length > 0 ? 0 : 1);
};

test('the first Python that is new enough makes the environment, which then installs', async () => {
  const { ran, said, failed } = await made((program) => ended(program === 'python3.13' ? 1 : 0));
  assert.equal(failed, undefined);
  assert.ok(ran.includes('python3.12 -P -m venv --clear /storage/environment'));
  assert.match(ran.at(-1) ?? '', /^\/storage\/environment\/bin\/python -P -m pip install .* \/clone$/);
  assert.ok(said.includes('installing /clone'));
});

test('nothing is looked for in the folder that the editor runs in', async () => {
  const { ran, places } = await made(() => ended(0));
  assert.deepEqual(places, [homedir()]);
  assert.deepEqual(
    ran.filter((line) => line.includes(' -m ') && !line.includes(' -P -m ')),
    [],
  );
});

test('an environment that cannot be made anew is there as before', async (t) => {
  const { environment, holds } = storage(t);
  const failing = (_: string, words: readonly string[]) => {
    mkdirSync(environment, { recursive: true });
    return ended(words.includes('pip') ? 1 : 0, 'no network');
  };
  const { failed } = await made(failing, '', false, environment);
  assert.ok(failed instanceof CannotInstall && failed.message.includes('no network'));
  assert.deepEqual(holds(), [['environment'], true]);
});

test('a new environment takes the place of the one before', async (t) => {
  const { environment, holds } = storage(t);
  assert.equal((await made(succeeds(environment), '', false, environment)).failed, undefined);
  assert.deepEqual(holds(), [['environment'], false]);
});

test('what an editor that ended meanwhile has left is still there when the next try fails', async (t) => {
  const { environment, holds } = storage(t, 'environment.before');
  mkdirSync(environment);
  await made((_, words) => ended(words.includes('venv') ? 1 : 0), '', false, environment);
  assert.deepEqual(holds(), [['environment'], true]);
});

test('what fails is told with its last line', async () => {
  const { failed } = await made((_, words) => (words.includes('pip') ? ended(1, 'lots\nno space left\n') : ended(0)));
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
  const { failed } = await made(() => ended(null), '', true);
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
