/** Makes the extension's private Python environment and installs the server into it. No editor in it. */

import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import type { Run } from './processes.ts';

const PYTHONS = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python'];
const GIVEN_UP = 'Given up; nothing was installed.';
const OLDEST = 'import sys; sys.exit(sys.version_info < (3, 11))';

/** Why there is no environment, in one sentence for the person who can act. */
export class CannotInstall extends Error {}

/** What is to be made: `requirement` is what pip is told to install, a folder, a wheel or a requirement. */
export interface Wanted {
  readonly folder: string;
  readonly requirement: string;
  readonly python: string;
  readonly windows: boolean;
  readonly signal: AbortSignal;
}

/**
 * Make the environment; `say` hears what is being done, line by line. Throws `CannotInstall`; the environment that was
 * there before is then there again.
 */
export async function install(wanted: Wanted, run: Run, say: (line: string) => void): Promise<void> {
  const python = await suitable(wanted, run);
  const before = `${wanted.folder}.before`;
  try {
    await laidAside(wanted.folder, before);
    await made(wanted, python, run, say);
  } catch (error) {
    if (existsSync(before)) {
      await rm(wanted.folder, { recursive: true, force: true }).catch(() => undefined);
      await rename(before, wanted.folder).catch(() => undefined);
    }
    throw error;
  }
  await rm(before, { recursive: true, force: true }).catch(() => say(`${before} cannot be deleted`));
}

/** Lay an environment aside, or take what one that was never finished has left there. */
async function laidAside(folder: string, before: string): Promise<void> {
  try {
    if (existsSync(before)) {
      await rm(folder, { recursive: true, force: true });
    } else if (existsSync(folder)) {
      await rename(folder, before);
    }
  } catch (error) {
    throw new CannotInstall(`${folder} cannot be replaced: ${error instanceof Error ? error.message : error}`);
  }
}

/** No program is looked for, and no module taken, in the folder that the editor happens to run in: it may be a stranger's. */
async function made(wanted: Wanted, python: string, run: Run, say: (line: string) => void): Promise<void> {
  const step = async (program: string, words: readonly string[], what: string): Promise<void> => {
    const ended = await run(program, words, { signal: wanted.signal, onLine: say, cwd: homedir() });
    if (wanted.signal.aborted) {
      throw new CannotInstall(GIVEN_UP);
    }
    if (ended.code !== 0) {
      const reason = ended.stderr.trim().split('\n').at(-1) || `exit code ${ended.code}`;
      throw new CannotInstall(`${what} failed: ${reason} The log has all of it.`);
    }
  };
  say(`making an environment with ${python}`);
  await step(python, ['-P', '-m', 'venv', '--clear', wanted.folder], 'Making the environment');
  const own = path.join(wanted.folder, wanted.windows ? 'Scripts/python.exe' : 'bin/python');
  const pip = ['-P', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  say(`installing ${wanted.requirement}`);
  await step(own, [...pip, wanted.requirement], `pip install ${wanted.requirement}`);
}

/** The first Python that is new enough: the one that a person named, else those that are usual. */
async function suitable(wanted: Wanted, run: Run): Promise<string> {
  for (const python of wanted.python ? [wanted.python] : PYTHONS) {
    const ended = await run(python, ['-c', OLDEST], { signal: wanted.signal, cwd: homedir() });
    if (wanted.signal.aborted) {
      throw new CannotInstall(GIVEN_UP);
    }
    if (ended.code === 0) {
      return python;
    }
  }
  throw new CannotInstall(
    wanted.python
      ? `${wanted.python} is no Python 3.11 or newer (setting twolane.server.python).`
      : 'There is no Python 3.11 or newer: install one, or name it in the setting twolane.server.python.',
  );
}
