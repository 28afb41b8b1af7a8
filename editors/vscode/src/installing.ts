/** Offers to get a server where there is none, and makes the private environment with its progress shown. */

import * as vscode from 'vscode';
import { CannotInstall, install } from './environment.ts';
import { unlinked } from './explain.ts';
import { fail, inform, warn } from './messages.ts';
import { run } from './processes.ts';
import type { Server } from './server.ts';
import { own, SECTION } from './settings.ts';

/** Say once that there is no server, and what can be done about it. */
export async function offer(server: Server, log: vscode.LogOutputChannel): Promise<void> {
  const found = server.found;
  const reason = found !== undefined && 'reason' in found ? found.reason : 'There is no server.';
  const create = 'Create an Environment';
  const name = 'Name the Program';
  const chosen = await warn(reason, create, name, 'First Steps');
  if (chosen === create) {
    await makeEnvironment(server, log);
  } else if (chosen === name) {
    await vscode.commands.executeCommand('workbench.action.openSettings', `${SECTION}.server.path`);
  } else if (chosen !== undefined) {
    await vscode.commands.executeCommand('twolane.walkthrough');
  }
}

/** Make the environment, with a bar that shows what pip does and a button that gives it up; then start the server. */
export async function makeEnvironment(server: Server, log: vscode.LogOutputChannel): Promise<void> {
  const requirement = own('package', '').trim() || (await asked());
  if (!requirement) {
    return;
  }
  const options = { location: vscode.ProgressLocation.Notification, title: 'Twolane', cancellable: true };
  try {
    await vscode.window.withProgress(options, async (progress, token) => {
      const aborting = new AbortController();
      token.onCancellationRequested(() => aborting.abort());
      const wanted = {
        folder: server.environment,
        requirement,
        python: own('python', '').trim(),
        windows: process.platform === 'win32',
        signal: aborting.signal,
      };
      await server.stop();
      await install(wanted, run, (line) => {
        log.info(line);
        progress.report({ message: unlinked(line).trim().slice(0, 80) });
      });
    });
  } catch (error) {
    if (!(error instanceof CannotInstall)) {
      throw error;
    }
    log.error(error.message);
    await server.start();
    const chosen = await fail(error.message, 'Show Log');
    return chosen === undefined ? undefined : log.show();
  }
  await server.restart();
  if (server.client !== undefined) {
    void inform(`the server runs, from ${server.environment}.`);
  }
}

/** Ask what to install, and keep the answer as the person's own setting. */
async function asked(): Promise<string | undefined> {
  const folder = { label: '$(folder) A clone of Twolane…', folders: true };
  const wheel = { label: '$(file-zip) A wheel (.whl)…', folders: false };
  const named = { label: '$(edit) A requirement, as pip takes it…', folders: undefined };
  const chosen = await vscode.window.showQuickPick([folder, wheel, named], {
    placeHolder: 'What shall be installed into the new environment?',
  });
  let requirement: string | undefined;
  if (chosen?.folders !== undefined) {
    const [picked] =
      (await vscode.window.showOpenDialog({
        canSelectFolders: chosen.folders,
        canSelectFiles: !chosen.folders,
        ...(chosen.folders ? {} : { filters: { Wheels: ['whl'] } }),
      })) ?? [];
    requirement = picked?.fsPath;
  } else if (chosen !== undefined) {
    requirement = await vscode.window.showInputBox({ prompt: 'What pip shall install', ignoreFocusOut: true });
  }
  if (requirement?.trim()) {
    const settings = vscode.workspace.getConfiguration(`${SECTION}.server`);
    await settings.update('package', requirement.trim(), vscode.ConfigurationTarget.Global);
  }
  return requirement?.trim();
}
