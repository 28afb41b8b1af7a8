/** Between the language client and VS Code's inline suggestions: where there are none, and what became of each. */

import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { type Change, Following, type Given } from './feedback.ts';
import type { Server } from './server.ts';
import { DOCUMENTS } from './settings.ts';

const SHOWN = 'textDocument/didShowCompletion';
const PARTLY_ACCEPTED = 'textDocument/didPartiallyAcceptCompletion';

/** Where a suggestion was wanted and none came. */
interface Unanswered {
  readonly uri: string;
  readonly version: number;
  readonly line: number;
}

/** Suggestions of this window. */
export class Suggestions implements vscode.Disposable {
  readonly onDidAnswer: vscode.Event<void>;
  readonly #answered = new vscode.EventEmitter<void>();
  readonly #paused = new Set<string>();
  readonly #following = new Following<vscode.InlineCompletionItem>();
  readonly #listening: vscode.Disposable;
  #server: Server | undefined;
  #unanswered: Unanswered | undefined;

  constructor() {
    this.onDidAnswer = this.#answered.event;
    this.#listening = vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event));
  }

  /** The middleware for the server's client. */
  readonly middleware: Middleware = {
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      if (this.pausedIn(document.uri)) {
        return [];
      }
      const version = document.version;
      this.#unanswered = { uri: document.uri.toString(), version, line: position.line };
      const answer = await next(document, position, context, token);
      const [first] = Array.isArray(answer) ? answer : (answer?.items ?? []);
      if (first !== undefined && !token.isCancellationRequested && document.version === version) {
        this.#unanswered = undefined;
        this.#given(document, position, first);
      }
      this.#answered.fire();
      return answer;
    },
  };

  /** Tell this server what becomes of suggestions. */
  follow(server: Server): void {
    this.#server = server;
  }

  /** The model has come: ask again where it was typed in vain before it was there, and nothing was done since. */
  again(): void {
    const editor = vscode.window.activeTextEditor;
    const asked = this.#unanswered;
    this.#unanswered = undefined;
    if (editor === undefined || asked === undefined || !editor.selection.isEmpty) {
      return;
    }
    const { document, selection } = editor;
    if (
      document.uri.toString() === asked.uri &&
      document.version === asked.version &&
      selection.active.line === asked.line
    ) {
      void vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    }
  }

  /** Whether a person has paused suggestions in a file. */
  pausedIn(uri: vscode.Uri | undefined): boolean {
    return uri !== undefined && this.#paused.has(uri.toString());
  }

  /** Pause suggestions in a file, or go on. */
  pause(uri: vscode.Uri, off: boolean): void {
    if (off) {
      this.#paused.add(uri.toString());
    } else {
      this.#paused.delete(uri.toString());
    }
  }

  dispose(): void {
    this.#listening.dispose();
    this.#answered.dispose();
  }

  #given(document: vscode.TextDocument, position: vscode.Position, item: vscode.InlineCompletionItem): void {
    const name: unknown = item.command?.arguments?.[0];
    const text = typeof item.insertText === 'string' ? item.insertText : item.insertText.value;
    const { line, character } = item.range?.start ?? position;
    const given: Given<vscode.InlineCompletionItem> = {
      item,
      name: String(name),
      uri: document.uri.toString(),
      line,
      character,
      text,
    };
    if (this.#following.given(given)) {
      this.#tell(SHOWN, { item: plain(item) });
    }
  }

  #edited(event: vscode.TextDocumentChangeEvent): void {
    const document = event.document;
    const [typed] = event.contentChanges;
    if (typed !== undefined && DOCUMENTS.includes(document.uri.scheme)) {
      const line = typed.range.start.line + typed.text.split('\n').length - 1;
      this.#unanswered = { uri: document.uri.toString(), version: document.version, line };
    }
    const changes = event.contentChanges.map((change) => ({
      line: change.range.start.line,
      character: change.range.start.character,
      replaced: change.rangeLength,
      text: change.text,
    }));
    const before = (given: Given<vscode.InlineCompletionItem>, change: Change): string =>
      document.getText(new vscode.Range(given.line, given.character, change.line, change.character));
    const part = this.#following.changed(document.uri.toString(), changes, before);
    if (part !== undefined) {
      this.#tell(PARTLY_ACCEPTED, { item: plain(part.item), acceptedLength: part.length });
    }
  }

  #tell(method: string, params: object): void {
    this.#server?.client?.sendNotification(method, params).catch(() => undefined);
  }
}

/** An item as the server sent it, as far as the server looks at it. */
function plain(item: vscode.InlineCompletionItem): object {
  return { insertText: item.insertText, command: item.command };
}
