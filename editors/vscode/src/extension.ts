/** The extension's start: small, so that VS Code starts as fast as without it. The server starts with the first file. */

import * as vscode from 'vscode';
import { register } from './commands.ts';
import { offer } from './installing.ts';
import { Pages } from './pages.ts';
import { Server } from './server.ts';
import { DOCUMENTS, SECTION, Settings } from './settings.ts';
import { StatusItem } from './statusItem.ts';
import { Suggestions } from './suggestions.ts';

let running: Server | undefined;

/** Called by VS Code once it has started, or when a command is run. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Twolane', { log: true });
  const settings = new Settings(context.extension.packageJSON);
  const suggestions = new Suggestions();
  const server = new Server(context, settings, log, suggestions.middleware);
  suggestions.follow(server);
  const status = new StatusItem(server, suggestions);
  const pages = new Pages();
  running = server;
  context.subscriptions.push(log, suggestions, server, status, pages);
  context.subscriptions.push(register({ context, server, suggestions, settings, status, pages, log }));
  let offered = false;
  context.subscriptions.push(
    server.onDidChange(() => {
      void vscode.commands.executeCommand('setContext', 'twolane.running', server.client !== undefined);
      void vscode.commands.executeCommand('setContext', 'twolane.canReview', server.offers('twolane.review'));
      if (server.phase === 'missing' && !offered) {
        offered = true;
        void offer(server, log);
      }
    }),
    vscode.workspace.onDidOpenTextDocument((document) => void begin(server, [document])),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
    context.secrets.onDidChange(() => void restarted(server)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SECTION}.server`)) {
        void restarted(server);
      } else if (event.affectsConfiguration(SECTION)) {
        void server.configure().then(() => status.refresh());
      }
    }),
  );
  // Later, so that loading the client is no part of what VS Code waits for.
  setImmediate(() => void begin(server, vscode.workspace.textDocuments));
}

/** Called by VS Code before it ends. */
export async function deactivate(): Promise<void> {
  await running?.stop();
}

/** Start the server with the first document that may get suggestions. */
async function begin(server: Server, documents: readonly vscode.TextDocument[]): Promise<void> {
  if (server.phase === 'resting' && documents.some((document) => DOCUMENTS.includes(document.uri.scheme))) {
    await server.start();
  }
}

/** What the server was started with has changed; one that rests or is missing gets its chance, too. */
async function restarted(server: Server): Promise<void> {
  if (server.phase !== 'resting') {
    await server.restart();
  }
}
