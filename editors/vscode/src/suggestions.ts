/** Between the language client and VS Code's inline suggestions: where there are none, and what became of each. */

import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { type Change, Following, type Given } from './feedback.ts';
import type { Server } from './server.ts';
import { DOCUMENTS } from './settings.ts';

const SHOWN = 'textDocument/didShowCompletion';
const PARTLY_ACCEPTED = 'textDocument/didPartiallyAcceptCompletion';
const CURSOR = 'twolane/cursor';

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
  /** The version of a document in which its cursor was last seen: in a later one an edit has moved it. */
  readonly #moved = new WeakMap<vscode.TextDocument, number>();
  readonly #listening: vscode.Disposable;
  #server: Server | undefined;
  #unanswered: Unanswered | undefined;

  constructor() {
    this.onDidAnswer = this.#answered.event;
    this.#listening = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event)),
      vscode.window.onDidChangeTextEditorSelection((event) => this.#put(event.textEditor)),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor !== undefined) {
          this.#put(editor);
        }
      }),
    );
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
    if (!this.#moved.has(document)) {
      this.#moved.set(document, document.version - 1);
    }
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

  /** The cursor is somewhere else: tell, so that the prompt is read before the first key. */
  #put({ document, selections }: vscode.TextEditor): void {
    const typed = (this.#moved.get(document) ?? document.version) !== document.version;
    this.#moved.set(document, document.version);
    const [selection] = selections;
    const alone = selections.length === 1 && selection?.isEmpty === true;
    if (typed || !alone || !DOCUMENTS.includes(document.uri.scheme) || this.pausedIn(document.uri)) {
      return;
    }
    const client = this.#server?.client;
    const wanted = vscode.workspace.getConfiguration('editor', document).get<boolean>('inlineSuggest.enabled', true);
    if (client !== undefined && wanted) {
      this.#tell(CURSOR, client.code2ProtocolConverter.asTextDocumentPositionParams(document, selection.active));
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
