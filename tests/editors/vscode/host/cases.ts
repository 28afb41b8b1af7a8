/** What of the extension needs VS Code's own API, case by case. */

import * as assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { variables } from '../../../../editors/vscode/src/keys.ts';
import { Pages } from '../../../../editors/vscode/src/pages.ts';
import { choose } from '../../../../editors/vscode/src/refactoring.ts';
import { type Phase, Server } from '../../../../editors/vscode/src/server.ts';
import { Settings } from '../../../../editors/vscode/src/settings.ts';
import { Suggestions } from '../../../../editors/vscode/src/suggestions.ts';

type Case = () => Promise<void>;
type Manifest = { contributes: { commands: { command: string }[]; configuration: { properties: object }[] } };

/** Commands that no list shows: other commands, the walkthrough and the server call them. */
const UNLISTED = ['twolane.instruct', 'twolane.tryIt'];

let trials = 0;

export const cases: Record<string, Case> = {
  'every command of the manifest is there, and none that it does not tell': async () => {
    await extension().activate();
    const told = manifest().contributes.commands.map(({ command }) => command);
    const there = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      told.filter((command) => !there.has(command)),
      [],
    );
    const server = ['refactor', 'review', 'status', 'explain', 'pause', 'accepted'].map((name) => `twolane.${name}`);
    const views = [...there].filter((command) => /^twolane\.\w+$/.test(command));
    assert.deepEqual(
      views.filter((command) => ![...told, ...UNLISTED, ...server].includes(command)),
      [],
    );
  },

  'what nobody has set is not sent': async () => {
    assert.deepEqual(without(new Settings(manifest()).tables(), 'server'), {});
  },

  'what is set for the workspace is sent, and what the session lays over it': async () => {
    const settings = new Settings(manifest());
    await set('completion.multiline', 'never', vscode.ConfigurationTarget.Workspace);
    try {
      assert.deepEqual(settings.tables(), { completion: { multiline: 'never' } });
      settings.override('completion.multiline', 'always');
      settings.override('completion.disabled_languages', ['lua']);
      assert.deepEqual(settings.tables(), { completion: { multiline: 'always', disabled_languages: ['lua'] } });
    } finally {
      await set('completion.multiline', undefined, vscode.ConfigurationTarget.Workspace);
    }
  },

  'every setting of the manifest is known to VS Code, with the default that it tells': async () => {
    const properties = Object.assign({}, ...manifest().contributes.configuration.map((group) => group.properties));
    for (const [key, { default: value }] of Object.entries<{ default?: unknown }>(properties)) {
      assert.deepEqual(vscode.workspace.getConfiguration().inspect(key)?.defaultValue, value, key);
    }
  },

  'a page is shown again with its new text': async () => {
    const pages = new Pages();
    try {
      await pages.show('trial', ['one']);
      const document = vscode.window.activeTextEditor?.document;
      assert.equal(document?.getText(), 'one\n');
      await pages.show('trial', ['two', 'three']);
      await until(() => document?.getText() === 'two\nthree\n', 'the new text');
    } finally {
      pages.dispose();
    }
  },

  'pages stay in one column, whichever of them has the cursor': async () => {
    const pages = new Pages();
    try {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: 'x\n' }));
      await pages.show('first', ['one']);
      const column = vscode.window.activeTextEditor?.viewColumn;
      await pages.show('second', ['two']);
      assert.equal(vscode.window.activeTextEditor?.document.getText(), 'two\n');
      assert.equal(vscode.window.activeTextEditor?.viewColumn, column);
      assert.equal(vscode.window.activeTextEditor?.document.languageId, 'twolane-page');
    } finally {
      pages.dispose();
      await vscode.commands.executeCommand('workbench.action.closeAllGroups');
    }
  },

  'what was typed before the model was there is asked for once it is': async () => {
    const suggestions = new Suggestions();
    let asked = 0;
    const document = await vscode.workspace.openTextDocument({ language: 'plaintext', content: 'x' });
    const editor = await vscode.window.showTextDocument(document);
    const provider = vscode.languages.registerInlineCompletionItemProvider(
      { language: 'plaintext' },
      {
        provideInlineCompletionItems: (_, __, { triggerKind }) => {
          asked += Number(triggerKind === vscode.InlineCompletionTriggerKind.Invoke);
          return [];
        },
      },
    );
    try {
      suggestions.again();
      await vscode.commands.executeCommand('type', { text: 'y' });
      suggestions.again();
      await until(() => asked === 1, 'the request');
      await vscode.commands.executeCommand('type', { text: '\nz' });
      editor.selection = new vscode.Selection(0, 0, 0, 0);
      suggestions.again();
      await vscode.commands.executeCommand('type', { text: 'a' });
      suggestions.again();
      await until(() => asked > 1, 'the next request');
      assert.equal(asked, 2, 'nothing is asked for where nobody has typed, and nothing elsewhere');
    } finally {
      provider.dispose();
      suggestions.dispose();
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  },

  'a store of keys that cannot be read gives none': async () => {
    const broken = { get: () => Promise.reject(new Error('locked')) } as unknown as vscode.SecretStorage;
    assert.deepEqual(await variables(broken), {});
    assert.deepEqual(await variables(keys({ ANTHROPIC_API_KEY: 'k', TWOLANE_TEAM_KEY: '' })), {
      ANTHROPIC_API_KEY: 'k',
    });
  },

  'a program that is not there is told with its place': async () => {
    await set('server.path', '/gone/twolane', vscode.ConfigurationTarget.Workspace);
    try {
      await withServer(async (server) => {
        await server.start();
        assert.equal(server.phase, 'missing');
        assert.ok(server.found && 'reason' in server.found && server.found.reason.includes('/gone/twolane'));
      });
    } finally {
      await set('server.path', undefined, vscode.ConfigurationTarget.Workspace);
    }
  },

  'a server that answers has its commands, the keys, and an end': async () => {
    await withServer(async (server, phases) => {
      await Promise.all([server.start(), server.start()]);
      assert.deepEqual(phases, ['starting', 'running'], 'it is started once');
      assert.equal(server.offers('twolane.refactor'), true);
      assert.equal(server.offers('twolane.review'), false);
      assert.deepEqual(await server.command('twolane.accepted', 'one'), {});
      const { client } = server;
      await server.stop();
      assert.equal(server.client, undefined);
      assert.equal(client?.isRunning(), false);
      assert.equal(await server.command('twolane.status'), undefined);
    });
  },

  'a server that is ended while it starts does not come to life': async () => {
    await withServer(async (server, phases) => {
      const starting = server.start();
      await server.stop();
      await starting;
      assert.deepEqual([server.phase, server.client], ['resting', undefined]);
      assert.ok(!phases.includes('running'));
    });
  },

  'a server that is started anew while it starts does not meet itself': async () => {
    await withServer(async (server, phases) => {
      const [begun, go] = [path.join(folder(), 'begun'), path.join(folder(), 'go')];
      install(
        `#!/bin/sh\n: > '${begun}'\nuntil [ -e '${go}' ]; do sleep 0.05; done\n${scripted().replace('#!/bin/sh', '')}`,
      );
      const starting = server.start();
      await until(() => existsSync(begun), 'the process');
      const again = server.restart();
      writeFileSync(go, '');
      await Promise.all([starting, again]);
      await until(() => server.phase === 'running' || server.phase === 'waiting', 'an outcome');
      assert.deepEqual(phases, ['starting', 'resting', 'starting', 'running']);
      assert.equal(server.offers('twolane.refactor'), true);
    });
  },

  'a server that never answers can be ended': async () => {
    await withServer(async (server) => {
      const place = path.join(folder(), 'number');
      install(`#!/bin/sh\necho $$ > '${place}'\nwhile read -r line; do :; done\n`);
      void server.start();
      await until(() => existsSync(place) && readFileSync(place, 'utf8').endsWith('\n'), 'the process');
      await server.stop();
      assert.equal(server.phase, 'resting');
      await until(() => !lives(Number(readFileSync(place, 'utf8'))), 'its end');
    });
  },

  'a chosen fix that comes as an edit is put in': async () => {
    const change = { range: { start: at(0, 0), end: at(0, 1) }, newText: 'y' };
    const document = await vscode.workspace.openTextDocument({ language: 'python', content: 'x = 1\n' });
    await vscode.window.showTextDocument(document);
    const edit = { changes: { [document.uri.toString()]: [change] } };
    const answers: Record<string, unknown> = {
      'textDocument/codeAction': [{ title: 'Fix: the wrong name', kind: 'quickfix' }],
      'codeAction/resolve': { title: 'Fix: the wrong name', kind: 'quickfix', edit },
    };
    const pick = vscode.window.showQuickPick;
    try {
      await withServer(async (server) => {
        await server.start();
        const client = Object.create(server.client as object, {
          sendRequest: { value: async (method: string) => answers[method] },
        });
        Object.assign(vscode.window, { showQuickPick: async (picks: unknown[]) => picks[0] });
        await choose({ client } as unknown as Server);
        assert.equal(document.getText(), 'y = 1\n');
      });
    } finally {
      Object.assign(vscode.window, { showQuickPick: pick });
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  },

  'a server that ends again and again is given up, and a person may start it anew': async () => {
    await set('server.restarts', 1, vscode.ConfigurationTarget.Global);
    try {
      await withServer(async (server, phases) => {
        install('#!/bin/sh\nexit 3\n');
        await server.start();
        await until(() => server.phase === 'given up', 'the end of all tries');
        assert.equal(server.ends, 2);
        assert.ok(phases.includes('waiting'));
        install(scripted());
        await server.restart();
        assert.equal(server.phase, 'running');
        assert.equal(server.ends, 0);
      });
    } finally {
      await set('server.restarts', undefined, vscode.ConfigurationTarget.Global);
    }
  },

  'a paused file asks nobody': async () => {
    const suggestions = new Suggestions();
    try {
      const document = await vscode.workspace.openTextDocument({ language: 'python', content: 'x = 1\n' });
      let asked = 0;
      let answers = 0;
      suggestions.onDidAnswer(() => answers++);
      const ask = async (): Promise<unknown> =>
        suggestions.middleware.provideInlineCompletionItems?.(
          document,
          new vscode.Position(0, 5),
          { triggerKind: vscode.InlineCompletionTriggerKind.Automatic, selectedCompletionInfo: undefined },
          new vscode.CancellationTokenSource().token,
          () => {
            asked++;
            return [new vscode.InlineCompletionItem(' + 2')];
          },
        );
      suggestions.pause(document.uri, true);
      assert.deepEqual(await ask(), []);
      assert.deepEqual([asked, answers], [0, 0]);
      suggestions.pause(document.uri, false);
      assert.equal(((await ask()) as unknown[]).length, 1);
      assert.deepEqual([asked, answers], [1, 1]);
    } finally {
      suggestions.dispose();
    }
  },

  'a deactivated extension has ended its server': async () => {
    const place = path.join(folder(), 'heard.jsonl');
    await withServer(async (server) => {
      await server.start();
      server.dispose();
      await until(() => readFileSync(place, 'utf8').includes('"shutdown"'), 'the order to end');
    });
  },
};

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('twolane.twolane');
  assert.ok(found, 'the extension is installed');
  return found;
}

function manifest(): Manifest {
  return extension().packageJSON as Manifest;
}

/** The workspace's folder, in which the scripted server runs. */
function folder(): string {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first);
  return first.uri.fsPath;
}

/** The text of the scripted server's program. */
function scripted(): string {
  return readFileSync(process.env['TWOLANE_SCRIPTED'] as string, 'utf8');
}

/** Where a server of these cases keeps what is its own; the extension that VS Code itself has activated looks elsewhere. */
function storage(): string {
  return path.join(folder(), 'storage');
}

/** Put a program where the private environment has it. */
function install(text: string): void {
  const place = path.join(storage(), 'environment', 'bin');
  mkdirSync(place, { recursive: true });
  rmSync(path.join(place, 'twolane'), { force: true });
  writeFileSync(path.join(place, 'twolane'), text, { mode: 0o755 });
}

function at(line: number, character: number): { line: number; character: number } {
  return { line, character };
}

function lives(number: number): boolean {
  try {
    return process.kill(number, 0);
  } catch {
    return false;
  }
}

/** Change a setting, and wait until it is seen here: it may be a moment later. */
async function set(name: string, value: unknown, target: vscode.ConfigurationTarget): Promise<void> {
  await vscode.workspace.getConfiguration('twolane').update(name, value, target);
  const own = target === vscode.ConfigurationTarget.Global ? 'globalValue' : 'workspaceValue';
  const seen = () => vscode.workspace.getConfiguration('twolane').inspect(name)?.[own];
  await until(() => JSON.stringify(seen()) === JSON.stringify(value), `${name} with its new value`);
}

function keys(kept: Record<string, string>): vscode.SecretStorage {
  return { get: async (name: string) => kept[name] } as unknown as vscode.SecretStorage;
}

/** Do something with a server of its own, the scripted one; `phases` are those that it went through. */
async function withServer(trial: (server: Server, phases: Phase[]) => Promise<void>): Promise<void> {
  install(scripted());
  const log = vscode.window.createOutputChannel(`Twolane trial ${++trials}`, { log: true });
  const context = {
    globalStorageUri: vscode.Uri.file(storage()),
    secrets: keys({}),
  } as unknown as vscode.ExtensionContext;
  const server = new Server(context, new Settings(manifest()), log, {});
  const phases: Phase[] = [];
  server.onDidChange(() => phases.push(server.phase));
  try {
    await trial(server, phases);
  } finally {
    await server.stop();
    log.dispose();
  }
}

async function until(met: () => boolean, what: string): Promise<void> {
  const limit = Date.now() + 20_000;
  while (!met()) {
    assert.ok(Date.now() < limit, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function without(tables: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tables).filter(([key]) => key !== name));
}
