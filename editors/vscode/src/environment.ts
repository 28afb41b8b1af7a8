/** Makes the extension's private Python environment and installs the server into it. No editor in it. */

import * as path from 'node:path';
import type { Run } from './processes.ts';

const PYTHONS = ['python3.13', 'python3.12', 'python3.11', 'python3', 'python'];
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

/** Make the environment; `say` hears what is being done, line by line. Throws `CannotInstall`. */
export async function install(wanted: Wanted, run: Run, say: (line: string) => void): Promise<void> {
  const python = await suitable(wanted, run);
  const step = async (program: string, words: readonly string[], what: string): Promise<void> => {
    const ended = await run(program, words, { signal: wanted.signal, onLine: say });
    if (wanted.signal.aborted) {
      throw new CannotInstall('Given up; nothing was installed.');
    }
    if (ended.code !== 0) {
      const reason = ended.stderr.trim().split('\n').at(-1) || `exit code ${ended.code}`;
      throw new CannotInstall(`${what} failed: ${reason} The log has all of it.`);
    }
  };
  say(`making an environment with ${python}`);
  await step(python, ['-m', 'venv', '--clear', wanted.folder], 'Making the environment');
  const own = path.join(wanted.folder, wanted.windows ? 'Scripts/python.exe' : 'bin/python');
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  say(`installing ${wanted.requirement}`);
  await step(own, [...pip, wanted.requirement], `pip install ${wanted.requirement}`);
}

/** The first Python that is new enough: the one that a person named, else those that are usual. */
async function suitable(wanted: Wanted, run: Run): Promise<string> {
  for (const python of wanted.python ? [wanted.python] : PYTHONS) {
    const ended = await run(python, ['-c', OLDEST], { signal: wanted.signal });
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
