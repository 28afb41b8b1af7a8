/** Refactorings are the server's code actions; here a person chooses among them, and says what shall be done. */

import * as vscode from 'vscode';
import type { CodeAction } from 'vscode-languageclient/node';
import { refused } from './keys.ts';
import { inform, warn } from './messages.ts';
import type { Server } from './server.ts';

/** Let a person choose among what the server can do with the selection. Those that cannot be had say why. */
export async function choose(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const client = server.client;
  if (editor === undefined || client === undefined) {
    void warn('open a file and select some code first; a server must run.');
    return;
  }
  const { document, selection } = editor;
  const near = vscode.languages
    .getDiagnostics(document.uri)
    .filter((one) => one.range.intersection(selection) !== undefined);
  const actions =
    (await client.sendRequest<CodeAction[] | null>('textDocument/codeAction', {
      textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
      range: client.code2ProtocolConverter.asRange(selection),
      context: { diagnostics: await client.code2ProtocolConverter.asDiagnostics(near), triggerKind: 1 },
    })) ?? [];
  if (actions.length === 0) {
    void inform('there is nothing to do with these lines.');
    return;
  }
  const reasons = new Set(actions.map(({ disabled }) => disabled?.reason));
  const [only] = reasons;
  if (reasons.size === 1 && only !== undefined) {
    return refused(only);
  }
  const picks = actions.map((action) => ({
    label: action.title,
    ...(action.disabled === undefined ? {} : { description: '$(circle-slash)', detail: action.disabled.reason }),
    action,
  }));
  const chosen = await vscode.window.showQuickPick(picks, { placeHolder: 'Refactor…', matchOnDetail: true });
  if (chosen === undefined) {
    return;
  }
  if (chosen.action.disabled !== undefined) {
    return refused(chosen.action.disabled.reason);
  }
  const { command, disabled, edit } = chosen.action.command
    ? chosen.action
    : await client.sendRequest<CodeAction>('codeAction/resolve', chosen.action);
  if (disabled !== undefined) {
    return refused(disabled.reason);
  }
  if (edit !== undefined) {
    const converted = await client.protocol2CodeConverter.asWorkspaceEdit(edit);
    if (!(await vscode.workspace.applyEdit(converted, { isRefactoring: true }))) {
      return void warn('the edit was not applied; nothing was changed.');
    }
  }
  if (command !== undefined) {
    await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
  }
}

/** `twolane.instruct`, which the server leaves to the editor: ask for an instruction, then run the command with it. */
export async function instruct(server: Server, argument: object): Promise<void> {
  const instruction = await vscode.window.showInputBox({
    prompt: 'What shall be done?',
    placeHolder: 'for example: use a dataclass',
    ignoreFocusOut: true,
  });
  if (instruction?.trim()) {
    await server.command('twolane.refactor', { ...argument, instruction: instruction.trim() });
  }
}
