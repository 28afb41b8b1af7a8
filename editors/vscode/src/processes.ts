/** Programs that are run to their end: their lines, their exit code, and an end before it where a person gives up. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** How a program ended; `code` is null where it was stopped or could not be started. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program; `onLine` hears every line of both its outputs as it comes. Never rejects. */
export type Run = (
  program: string,
  words: readonly string[],
  options?: { signal?: AbortSignal; onLine?: (line: string) => void; env?: NodeJS.ProcessEnv; cwd?: string },
) => Promise<Ended>;

/** The real one. */
export const run: Run = (program, words, options = {}) =>
  new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const collected = { stdout: '', stderr: '' };
    const follow = (stream: Readable, name: 'stdout' | 'stderr'): void => {
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
        collected[name] += `${line}\n`;
        options.onLine?.(line);
      });
    };
    follow(child.stdout, 'stdout');
    follow(child.stderr, 'stderr');
    child.on('error', (error) => resolve({ ...collected, code: null, stderr: collected.stderr || error.message }));
    child.on('close', (code) => resolve({ ...collected, code }));
  });
