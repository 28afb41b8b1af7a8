/** Runs what `cases` names inside VS Code's extension host, and writes what came of each to the file that it is told. */

import { writeFileSync } from 'node:fs';
import { cases } from './cases.ts';

const PATIENCE_MS = 30_000;

/** Called by VS Code, as the test runner of the extension that is under development. */
export async function run(): Promise<void> {
  const outcomes: Record<string, string> = {};
  for (const [name, test] of Object.entries(cases)) {
    try {
      await Promise.race([test(), late()]);
      outcomes[name] = '';
    } catch (error) {
      outcomes[name] = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  }
  writeFileSync(process.env['TWOLANE_OUTCOMES'] as string, JSON.stringify(outcomes));
}

function late(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error('it took too long')), PATIENCE_MS).unref();
  });
}
