/** Messages to the person; nothing else here shows one. */

import * as vscode from 'vscode';
import { unlinked } from './explain.ts';

/** Tell something; the answer is the choice that was clicked. */
export function inform(text: string, ...choices: string[]): Thenable<string | undefined> {
  return vscode.window.showInformationMessage(`Twolane: ${unlinked(text)}`, ...choices);
}

/** Tell that something is not as it should be. */
export function warn(text: string, ...choices: string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(`Twolane: ${unlinked(text)}`, ...choices);
}

/** Tell that something has failed. */
export function fail(text: string, ...choices: string[]): Thenable<string | undefined> {
  return vscode.window.showErrorMessage(`Twolane: ${unlinked(text)}`, ...choices);
}
