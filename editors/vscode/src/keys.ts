/** Keys of models elsewhere: kept in VS Code's secret store, given to the server as variables of its environment. */

import * as vscode from 'vscode';
import { inform, warn } from './messages.ts';

const KEYS = [
  { variable: 'ANTHROPIC_API_KEY', label: "Anthropic's models" },
  { variable: 'TWOLANE_TEAM_KEY', label: "The team's server" },
];

/** The variables of the server's environment that hold keys; none where the store cannot be read. */
export async function variables(secrets: vscode.SecretStorage): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { variable } of KEYS) {
    const key = await secrets.get(variable).then(undefined, () => undefined);
    if (key) {
      found[variable] = key;
    }
  }
  return found;
}

/** Ask a person for a key and keep it; an empty answer removes the one that is kept. */
export async function ask(secrets: vscode.SecretStorage): Promise<void> {
  const picks = await Promise.all(
    KEYS.map(async (key) => ({ ...key, description: (await secrets.get(key.variable)) ? 'a key is kept' : 'no key' })),
  );
  const chosen = await vscode.window.showQuickPick(picks, { placeHolder: 'Whose key?' });
  if (chosen === undefined) {
    return;
  }
  const key = await vscode.window.showInputBox({
    prompt: `${chosen.label}: it is kept in VS Code's secret store. Leave it empty to remove it.`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (/^[!-~]*$/.test(text.trim()) ? '' : 'It holds characters that no key has.'),
  });
  if (key?.trim()) {
    await secrets.store(chosen.variable, key.trim());
    void inform('the key is kept; the server starts anew with it.');
  } else if (key !== undefined) {
    await secrets.delete(chosen.variable);
    void inform('no key is kept now; the server starts anew without one.');
  }
}

/** Tell why no model answers; where a key is missing, one can be added from there. */
export async function refused(reason: string): Promise<void> {
  const add = 'Add a Key…';
  const offered = /\bno key\b/.test(reason) ? [add] : [];
  if ((await warn(reason, ...offered)) === add) {
    await vscode.commands.executeCommand('twolane.setKey');
  }
}
