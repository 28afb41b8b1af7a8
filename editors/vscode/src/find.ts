/** Where the server's program is: the setting, the workspace's environment, PATH, the private environment. */

import * as path from 'node:path';

/** What is known before looking. `startable` tells whether a path can be started as a program. */
export interface Looking {
  readonly setting: string;
  readonly folders: readonly string[];
  readonly trusted: boolean;
  readonly searchPath: string;
  readonly privateEnvironment: string;
  readonly home: string;
  readonly windows: boolean;
  readonly startable: (file: string) => boolean;
}

/** A program, and in words where it comes from. */
export interface Found {
  readonly program: string;
  readonly source: string;
}

/** No program: why, in one sentence. `named`: the setting names one that cannot be started. */
export interface Missing {
  readonly reason: string;
  readonly named: boolean;
}

/** Look for the server's program; the first place that has it wins. */
export function find(looking: Looking): Found | Missing {
  if (looking.setting) {
    const program = expanded(looking.setting, looking);
    if (!looking.trusted && looking.folders.some((folder) => lies(program, folder))) {
      const reason = `The setting twolane.server.path names ${program}, which is not started because the workspace is not trusted.`;
      return { reason, named: true };
    }
    if (looking.startable(program)) {
      return { program, source: 'the setting twolane.server.path' };
    }
    return { reason: `The setting twolane.server.path names ${program}, which cannot be started.`, named: true };
  }
  let passedOver = '';
  for (const environment of looking.folders.flatMap((folder) =>
    ['.venv', 'venv'].map((name) => path.join(folder, name)),
  )) {
    const program = within(environment, looking);
    if (program && looking.trusted) {
      return { program, source: "the workspace's environment" };
    } else if (program) {
      passedOver = ` ${environment} has one, which is not started because the workspace is not trusted.`;
    }
  }
  for (const folder of looking.searchPath.split(looking.windows ? ';' : ':')) {
    const program = folder && path.isAbsolute(folder) && names(looking, folder).find(looking.startable);
    if (program) {
      return { program, source: 'PATH' };
    }
  }
  const program = within(looking.privateEnvironment, looking);
  if (program) {
    return { program, source: 'the environment that the extension made' };
  }
  return { reason: `There is no \`twolane\` in PATH.${passedOver}`, named: false };
}

/** `twolane` in a Python environment's folder, where it can be started. */
export function within(environment: string, looking: Pick<Looking, 'windows' | 'startable'>): string | undefined {
  return names(looking, path.join(environment, looking.windows ? 'Scripts' : 'bin')).find(looking.startable);
}

/** Whether a file lies in a folder. */
function lies(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return !path.isAbsolute(way) && way.split(path.sep)[0] !== '..';
}

function names(looking: Pick<Looking, 'windows'>, folder: string): string[] {
  return [path.join(folder, looking.windows ? 'twolane.exe' : 'twolane')];
}

/** A setting's path as a person writes it: `~` is the home folder, a relative one starts at the first folder. */
function expanded(given: string, looking: Looking): string {
  if (given === '~' || given.startsWith('~/') || given.startsWith('~\\')) {
    return path.join(looking.home, given.slice(1));
  }
  const [first] = looking.folders;
  const folder = given.replaceAll('${workspaceFolder}', first ?? '');
  return path.isAbsolute(folder) || first === undefined ? folder : path.join(first, folder);
}
