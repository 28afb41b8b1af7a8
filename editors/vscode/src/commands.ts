/** The commands of the palette: each asks the server, or changes how it is asked. */

import * as os from 'node:os';
import * as vscode from 'vscode';
import type { Doctor, Explained, Status } from './answers.ts';
import { lines as explainLines, printable, sentLines } from './explain.ts';
import { makeEnvironment, offer } from './installing.ts';
import { ask } from './keys.ts';
import { fail, inform, warn } from './messages.ts';
import { chooseModel } from './models.ts';
import type { Pages } from './pages.ts';
import { run } from './processes.ts';
import { choose, instruct } from './refactoring.ts';
import { report } from './report.ts';
import { review } from './reviewing.ts';
import type { Server } from './server.ts';
import type { Settings } from './settings.ts';
import { called, lines as statusLines, toldOfLanguage } from './state.ts';
import type { StatusItem } from './statusItem.ts';
import type { Suggestions } from './suggestions.ts';

const EXPLAINED = 5;
const SENT_LOOKED_AT = 100;
const REPORTED = 20;
/** The last of these is the first of the list. */
const GETS_A_SERVER = ['twolane.openSettings', 'twolane.walkthrough', 'twolane.install'];
const WALKTHROUGH = 'twolane.twolane#firstSteps';

/** What the commands work with. */
export interface Desk {
  readonly context: vscode.ExtensionContext;
  readonly server: Server;
  readonly suggestions: Suggestions;
  readonly settings: Settings;
  readonly status: StatusItem;
  readonly pages: Pages;
  readonly log: vscode.LogOutputChannel;
}

type Command = (...words: never[]) => unknown;

/** Register all commands; what goes wrong in one is told to the person. */
export function register(desk: Desk): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(table(desk)).map(([name, command]) =>
      vscode.commands.registerCommand(`twolane.${name}`, async (...words: never[]) => {
        try {
          await command(...words);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          desk.log.error(`${name}: ${reason}`);
          void fail(reason);
        }
      }),
    ),
  );
}

function table(desk: Desk): Record<string, Command> {
  const { server, pages, log } = desk;
  return {
    menu: () => menu(desk),
    showStatus: async () => {
      const status = await answered<Status>(desk, 'twolane.status');
      const uri = vscode.window.activeTextEditor?.document.uri;
      await (status && pages.show('status', statusLines(status, uri?.toString(), desk.suggestions.pausedIn(uri))));
    },
    explainLast: async () => {
      const explained = await answered<Explained>(desk, 'twolane.explain', EXPLAINED);
      await (explained && pages.show('the last request', explainLines(explained.requests ?? [])));
    },
    showSent: async () => {
      const explained = await answered<Explained>(desk, 'twolane.explain', SENT_LOOKED_AT);
      await (explained && pages.show('what was sent', sentLines(explained.requests ?? [])));
    },
    toggle: async () => {
      const answer = await answered<{ paused: boolean }>(desk, 'twolane.pause');
      say(answer && (answer.paused ? 'suggestions are paused.' : 'suggestions are on.'));
      desk.status.refresh(0);
    },
    pauseFile: () => pauseFile(desk, true),
    resumeFile: () => pauseFile(desk, false),
    pauseLanguage: () => pauseLanguage(desk, true),
    resumeLanguage: () => pauseLanguage(desk, false),
    chooseModel: () => chooseModel(server, log),
    reviewFile: () => reviewed(desk, vscode.window.activeTextEditor?.document.uri),
    reviewChanges: () => reviewed(desk, undefined),
    refactorSelection: () => choose(server),
    instruct: (argument: object) => instruct(server, argument),
    openSettings: () =>
      vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${desk.context.extension.id}`),
    showLog: () => log.show(),
    restart: () => server.restart(),
    install: () => makeEnvironment(server, log),
    setKey: () => ask(desk.context.secrets),
    doctor: async () => {
      const found = await doctor(server);
      await pages.show('this machine', found === undefined ? ['`twolane doctor` gave no answer.'] : doctorLines(found));
    },
    report: () => writeReport(desk),
    tryIt: () => tryIt(),
    walkthrough: () => vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false),
  };
}

/** What a command of the server answers; where there is no server the person is told what to do. */
async function answered<Answer>(desk: Desk, name: string, ...words: unknown[]): Promise<Answer | undefined> {
  if (desk.server.client === undefined) {
    if (desk.server.phase === 'missing') {
      await offer(desk.server, desk.log);
    } else {
      const again = await warn('no server runs now.', 'Start It', 'Show Log');
      await (again === 'Start It' ? desk.server.restart() : again && desk.log.show());
    }
    return undefined;
  }
  return desk.server.command<Answer>(name, ...words);
}

async function reviewed(desk: Desk, uri: vscode.Uri | undefined): Promise<void> {
  if (!desk.server.offers('twolane.review')) {
    await answered(desk, 'twolane.status');
  } else {
    await review(desk.server, uri);
  }
}

function say(text: string | undefined): void {
  if (text !== undefined) {
    void inform(text);
  }
}

function pauseFile(desk: Desk, off: boolean): void {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri !== undefined) {
    desk.suggestions.pause(uri, off);
    desk.status.refresh(0);
    say(off ? 'no suggestions in this file until you resume them.' : 'suggestions are on in this file.');
    if (off) {
      void vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    }
  }
}

/** Change the list of languages without suggestions: the one in force, which is made of files that are not read here. */
async function pauseLanguage(desk: Desk, off: boolean): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) {
    return;
  }
  const status = await answered<Status>(desk, 'twolane.status');
  if (status !== undefined) {
    const listed = status.disabled_languages ?? desk.settings.tables()['completion']?.['disabled_languages'];
    const language = called(status, document.uri.toString(), document.languageId);
    const others = (Array.isArray(listed) ? listed : []).filter((one) => one !== language);
    desk.settings.override('completion.disabled_languages', off ? [...others, language] : others);
    await desk.server.configure();
    say(toldOfLanguage(await desk.server.command<Status>('twolane.status'), language, off));
    desk.status.refresh(0);
  }
}

/** What `twolane doctor` finds; it looks without a server, too. */
async function doctor(server: Server): Promise<Doctor | undefined> {
  const found = server.look();
  if ('reason' in found) {
    throw new Error(found.reason);
  }
  const looking = vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'Twolane: looking at this machine' },
    () => run(found.program, ['doctor', '--json']),
  );
  try {
    return JSON.parse((await looking).stdout) as Doctor;
  } catch {
    return undefined;
  }
}

function doctorLines(found: Doctor): string[] {
  const signs: Record<string, string> = { ok: '✓', note: '·', warning: '!' };
  return found.checks
    .flatMap((check) => [
      `${signs[check.level] ?? '✗'} ${check.name.padEnd(12)} ${check.detail}`,
      ...(check.fix ? [`${''.padEnd(15)}${check.fix}`] : []),
    ])
    .map(printable);
}

async function writeReport(desk: Desk): Promise<void> {
  const { server, context } = desk;
  const found = server.found ?? server.look();
  const source = 'reason' in found ? found.reason : `found through ${found.source}`;
  const version = server.client?.initializeResult?.serverInfo?.version;
  const groups: { properties: object }[] = context.extension.packageJSON.contributes.configuration;
  const content = report({
    settings: groups.flatMap(({ properties }) => Object.keys(properties)),
    versions: {
      extension: String(context.extension.packageJSON.version),
      server: version ?? 'none runs',
      editor: `${vscode.env.appName} ${vscode.version}${remote()}`,
      system: `${os.platform()} ${os.arch()}, ${os.cpus().length} processors`,
    },
    server: `${server.phase}, ${source}; ended by itself ${server.ends} times in three minutes`,
    status: await server.command<Status>('twolane.status'),
    explained: await server.command<Explained>('twolane.explain', REPORTED),
    doctor: 'reason' in found ? undefined : await doctor(server),
  });
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  await vscode.window.showTextDocument(document);
}

/** The kind of the remote side, where the extension runs on one; never its name. */
function remote(): string {
  const name = vscode.env.remoteName;
  return name === undefined ? '' : `, remote${/^[a-z-]+$/.test(name) ? ` (${name})` : ''}`;
}

/** Open a file in which the starter knows how to go on, with the cursor where it matters. */
async function tryIt(): Promise<void> {
  const content = [
    'class Cart:',
    '    def __init__(self, items, owner, currency):',
    '        self.items = items',
    '        self.owner = owner',
    '        self.currency',
  ].join('\n');
  const document = await vscode.workspace.openTextDocument({ language: 'python', content });
  const editor = await vscode.window.showTextDocument(document);
  const end = document.lineAt(document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
}

/** The commands as a list, those that can be run now; without a server, what gets one comes first. */
async function menu({ context, server }: Desk): Promise<void> {
  const known: { command: string; title: string }[] = context.extension.packageJSON.contributes.commands;
  const registered = new Set(await vscode.commands.getCommands(true));
  const hidden = registered.has('twolane.review')
    ? ['twolane.menu']
    : ['twolane.menu', 'twolane.reviewFile', 'twolane.reviewChanges'];
  const picks = known
    .filter(({ command }) => !hidden.includes(command))
    .map(({ command, title }) => ({ label: title, command }));
  if (server.phase === 'missing') {
    const rank = ({ command }: { command: string }): number => GETS_A_SERVER.indexOf(command);
    picks.sort((one, other) => rank(other) - rank(one));
  }
  const chosen = await vscode.window.showQuickPick(picks, { placeHolder: 'Twolane' });
  await (chosen && vscode.commands.executeCommand(chosen.command));
}
