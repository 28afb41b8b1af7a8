/** The language client for one life of the server. Loaded when a server is about to start, for it is the heavy part. */

import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  type StaticFeature,
} from 'vscode-languageclient/node';
import { DOCUMENTS, SECTION, type Settings } from './settings.ts';

/** What a client needs. `closed` is called when the server has ended by itself. */
export interface Needs {
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
  readonly middleware: Middleware;
  readonly closed: () => void;
}

/** Build a client; it is not started. */
export function build(needs: Needs): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS.map((scheme) => ({ scheme })),
    outputChannel: needs.log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: () => ({ ...needs.settings.tables(), trusted: vscode.workspace.isTrusted }),
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        needs.closed();
        return { action: CloseAction.DoNotRestart, handled: true, message: 'The server has ended.' };
      },
    },
    middleware: {
      ...needs.middleware,
      workspace: {
        configuration: (params) =>
          params.items.map((item) => (item.section === SECTION ? needs.settings.tables() : null)),
      },
    },
  };
  const server = { command: needs.program, args: ['serve'], options: { env: needs.environment } };
  const client = new LanguageClient(SECTION, 'Twolane', server, options);
  client.registerFeature(INSTRUCTION);
  return client;
}

/** Tells the server that this editor can ask a person for an instruction (the command `twolane.instruct`). */
const INSTRUCTION: StaticFeature = {
  fillInitializeParams: (params: InitializeParams) => {
    const own = { twolaneInstruction: true, twolanePicks: true };
    params.capabilities.experimental = { ...params.capabilities.experimental, ...own };
  },
  fillClientCapabilities: () => undefined,
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};
