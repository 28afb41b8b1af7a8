/** Reviews are the server's; here is what they need of an editor: what other tools say, and where the result is told. */

import * as vscode from 'vscode';
import type { Reviewed } from './answers.ts';
import { outcome } from './explain.ts';
import { refused } from './keys.ts';
import { inform } from './messages.ts';
import type { Server } from './server.ts';

const MOST_SENT = 100;
const OURS = 'twolane';

/** Have a model review what changed in a file, or in every file that differs from the last commit. */
export async function review(server: Server, uri: vscode.Uri | undefined): Promise<void> {
  const wanted = uri === undefined ? {} : { uri: uri.toString(), diagnostics: others(uri) };
  const answer = await server.command<Reviewed>('twolane.review', wanted);
  if (answer !== undefined) {
    if (answer.incomplete?.length) {
      await refused(outcome(answer));
    } else {
      void inform(outcome(answer));
    }
  }
}

/** What others say about a file, so that a review does not say it again. */
function others(uri: vscode.Uri): object[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter((one) => one.source !== OURS)
    .slice(0, MOST_SENT)
    .map((one) => ({
      line: one.range.start.line + 1,
      last_line: one.range.end.line + 1,
      message: one.message,
      source: one.source ?? '',
      code: String(typeof one.code === 'object' ? one.code.value : (one.code ?? '')),
    }));
}
