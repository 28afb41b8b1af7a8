/** The server's life: found, started, brought back when it ends by itself, ended. */

import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { LanguageClient, Middleware } from 'vscode-languageclient/node';
import { Backoff } from './backoff.ts';
import { find, type Found, type Missing } from './find.ts';
import { variables } from './keys.ts';
import { own, SECTION, type Settings } from './settings.ts';

/** What the server does: nothing yet, on its way, at work, about to come back, not to be had. */
export type Phase = 'resting' | 'starting' | 'running' | 'waiting' | 'missing' | 'given up';

const RESTARTS = 5;
const ARRIVAL_MS = 2_000;

/** One server for the window; a client of its own for each of the server's lives. */
export class Server implements vscode.Disposable {
  phase: Phase = 'resting';
  found: Found | Missing | undefined;
  readonly onDidChange: vscode.Event<void>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #backoff = new Backoff(() => own('restarts', RESTARTS));
  readonly #context: vscode.ExtensionContext;
  readonly #settings: Settings;
  readonly #log: vscode.LogOutputChannel;
  readonly #middleware: Middleware;
  #client: LanguageClient | undefined;
  #arriving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #life = 0;

  constructor(
    context: vscode.ExtensionContext,
    settings: Settings,
    log: vscode.LogOutputChannel,
    middleware: Middleware,
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#log = log;
    this.#middleware = middleware;
    this.onDidChange = this.#changed.event;
  }

  /** The client of a server that answers. */
  get client(): LanguageClient | undefined {
    return this.phase === 'running' ? this.#client : undefined;
  }

  /** How often the server has ended by itself within three minutes. */
  get ends(): number {
    return this.#backoff.ends;
  }

  /** The folder of the private environment. */
  get environment(): string {
    return path.join(this.#context.globalStorageUri.fsPath, 'environment');
  }

  /** Whether the server has a command. */
  offers(command: string): boolean {
    return this.client?.initializeResult?.capabilities.executeCommandProvider?.commands.includes(command) ?? false;
  }

  /** Look for the program, without starting it. */
  look(): Found | Missing {
    this.found = find({
      setting: own('path', '').trim(),
      folders: (vscode.workspace.workspaceFolders ?? [])
        .filter((folder) => folder.uri.scheme === 'file')
        .map((folder) => folder.uri.fsPath),
      trusted: vscode.workspace.isTrusted,
      searchPath: process.env['PATH'] ?? '',
      privateEnvironment: this.environment,
      home: os.homedir(),
      windows: process.platform === 'win32',
      startable,
    });
    return this.found;
  }

  /** Start the server, unless it is started. */
  async start(): Promise<void> {
    if (this.phase === 'starting' || this.phase === 'running') {
      return;
    }
    clearTimeout(this.#timer);
    const found = this.look();
    if ('reason' in found) {
      this.#log.warn(found.reason);
      return this.#become('missing');
    }
    const life = ++this.#life;
    this.#become('starting');
    this.#log.info(`starting ${found.program}, from ${found.source}`);
    try {
      const { build } = await import('./client.ts');
      const environment = {
        ...process.env,
        ...own<Record<string, string>>('environment', {}),
        ...(await variables(this.#context.secrets)),
      };
      if (life !== this.#life) {
        return;
      }
      this.#client = build({
        program: found.program,
        environment,
        settings: this.#settings,
        log: this.#log,
        middleware: this.#middleware,
        closed: () => this.#ended(life),
      });
      this.#arriving = this.#client.start();
      await this.#arriving;
    } catch (error) {
      this.#log.error(`the server did not start: ${error instanceof Error ? error.message : error}`);
      return this.#ended(life);
    }
    if (life === this.#life) {
      this.#become('running');
    }
  }

  /** End the server and start it anew, with whatever has changed. */
  async restart(): Promise<void> {
    await this.stop();
    this.#backoff.forget();
    await this.start();
  }

  /** End the server. */
  async stop(): Promise<void> {
    const [client, arriving] = [this.#client, this.#arriving];
    this.#life++;
    clearTimeout(this.#timer);
    this.#client = undefined;
    this.#become('resting');
    if (client !== undefined) {
      await end(client, arriving).catch((error: unknown) => this.#log.info(`the server was ended: ${error}`));
    }
  }

  /** Run one of the server's commands; undefined where there is no server. */
  async command<Answer>(name: string, ...words: unknown[]): Promise<Answer | undefined> {
    return this.client?.sendRequest<Answer>('workspace/executeCommand', { command: name, arguments: words });
  }

  /** Tell the server that settings have changed. */
  async configure(): Promise<void> {
    const settings = { [SECTION]: this.#settings.tables() };
    await this.client?.sendNotification('workspace/didChangeConfiguration', { settings });
  }

  dispose(): void {
    void this.stop();
    this.#changed.dispose();
  }

  #become(phase: Phase): void {
    this.phase = phase;
    this.#changed.fire();
  }

  /** The server of a life has ended by itself, or could not be started. */
  #ended(life: number): void {
    if (life !== this.#life) {
      return;
    }
    this.#life++;
    this.#client = undefined;
    const pause = this.#backoff.ended();
    if (pause === undefined) {
      this.#log.error(`the server ended ${this.ends} times within three minutes; it is not started again`);
      return this.#become('given up');
    }
    this.#log.warn(`the server has ended; it is started again in ${pause} ms`);
    this.#timer = setTimeout(() => void this.start(), pause);
    this.#become('waiting');
  }
}

/**
 * End a client. One on its way can only be told to end when it is there, and two at once would both have the commands:
 * it is waited for, and a server that does not come is killed.
 */
async function end(client: LanguageClient, arriving: Promise<void>): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const patience = new Promise<'late'>((resolve) => (late = setTimeout(resolve, ARRIVAL_MS, 'late')));
  const came = await Promise.race([arriving.catch(() => undefined), patience]);
  clearTimeout(late);
  if (came === 'late') {
    client.serverProcess?.kill('SIGKILL');
    return;
  }
  await client.dispose();
}

function startable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
