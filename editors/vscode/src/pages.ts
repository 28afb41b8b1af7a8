/** Pages of plain text that the extension shows: what the server tells of itself and of the last requests. */

import * as vscode from 'vscode';

const SCHEME = 'twolane';
const LANGUAGE = 'twolane-page';

/** Shows each page in a tab of its own, the same one again for the same name; all of them in one column. */
export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly onDidChange: vscode.Event<vscode.Uri>;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #texts = new Map<string, string>();
  readonly #registration: vscode.Disposable;

  constructor() {
    this.onDidChange = this.#changed.event;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  /** Show some lines. */
  async show(name: string, lines: readonly string[]): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/Twolane: ${name}` });
    this.#texts.set(uri.path, `${lines.join('\n')}\n`);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, LANGUAGE);
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: column() });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? '';
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

/** The column that has a page already, else the one beside the text at hand. */
function column(): vscode.ViewColumn {
  const ours = ({ input }: vscode.Tab): boolean => input instanceof vscode.TabInputText && input.uri.scheme === SCHEME;
  return vscode.window.tabGroups.all.find((group) => group.tabs.some(ours))?.viewColumn ?? vscode.ViewColumn.Beside;
}
