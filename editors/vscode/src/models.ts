/** Choosing the model on this machine: the starter, one that the server recommends and fetches, or a file. */

import * as vscode from 'vscode';
import { unlinked } from './explain.ts';
import { fail } from './messages.ts';
import { run } from './processes.ts';
import type { Server } from './server.ts';
import { SECTION } from './settings.ts';

/** `twolane models recommend --json`, as far as it is read here. */
interface Recommended {
  readonly models: readonly { name: string; bytes: number; fits: boolean; recommended: boolean; why: string }[];
}

type Pick = vscode.QuickPickItem & { choose?: () => Promise<void> };

/** Let a person choose. */
export async function chooseModel(server: Server, log: vscode.LogOutputChannel): Promise<void> {
  const current = vscode.workspace.getConfiguration(`${SECTION}.near`).get('model', '');
  const found = server.look();
  const picks = async (): Promise<Pick[]> => [
    { label: '$(package) The starter that comes with Twolane', choose: () => use('') },
    { label: '$(file) A GGUF file…', description: current, choose: browse },
    ...('program' in found ? recommended(await asked(found.program), server, found.program, log) : []),
  ];
  const chosen = await vscode.window.showQuickPick(picks(), { placeHolder: 'The model on this machine' });
  await chosen?.choose?.();
}

async function asked(program: string): Promise<Recommended['models']> {
  const answer = await run(program, ['models', 'recommend', '--json']);
  try {
    return (JSON.parse(answer.stdout) as Recommended).models;
  } catch {
    return [];
  }
}

function recommended(
  models: Recommended['models'],
  server: Server,
  program: string,
  log: vscode.LogOutputChannel,
): Pick[] {
  const fitting = models.filter((model) => model.fits);
  return [
    ...(fitting.length > 0 ? [{ label: 'Fetched for you', kind: vscode.QuickPickItemKind.Separator }] : []),
    ...fitting.map((model) => ({
      label: `$(${model.recommended ? 'star-full' : 'cloud-download'}) ${model.name}`,
      description: `${(model.bytes / 1e9).toFixed(1)} GB`,
      detail: model.why,
      choose: () => fetch(model.name, server, program, log),
    })),
  ];
}

/** Fetch a model with a bar and a button that gives it up; what is there of it is taken up again the next time. */
async function fetch(name: string, server: Server, program: string, log: vscode.LogOutputChannel): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: `Twolane: ${name}`, cancellable: true };
  const ended = await vscode.window.withProgress(options, async (progress, token) => {
    const aborting = new AbortController();
    token.onCancellationRequested(() => aborting.abort());
    return run(program, ['models', 'pull', name, '--use'], {
      signal: aborting.signal,
      onLine: (line) => progress.report({ message: unlinked(line).trim().slice(0, 80) }),
    });
  });
  if (ended.code === 0) {
    await use(undefined);
    await server.restart();
  } else if (ended.code !== null) {
    log.error(ended.stderr);
    void fail(ended.stderr.trim().split('\n').at(-1) || 'it could not be fetched.');
  }
}

async function browse(): Promise<void> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      filters: { Models: ['gguf'] },
      title: 'A model that can fill in the middle',
    })) ?? [];
  await (picked && use(picked.fsPath));
}

/** Keep the choice as the person's own setting; '' is the starter, undefined what their twolane.toml says. */
async function use(file: string | undefined): Promise<void> {
  const settings = vscode.workspace.getConfiguration(`${SECTION}.near`);
  await settings.update('model', file, vscode.ConfigurationTarget.Global);
}
