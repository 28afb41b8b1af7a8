/** What a person has set in VS Code, as the server takes it: its own tables, without VS Code's copies of defaults. */

import * as vscode from 'vscode';

export const SECTION = 'twolane';

/** The schemes of the documents that the server hears of. */
export const DOCUMENTS = ['file', 'untitled', 'vscode-notebook-cell'];

/** Settings of the extension itself; the server is not told of them. */
const OWN = ['twolane.server.', 'twolane.trace.'];

export type Tables = Record<string, Record<string, unknown>>;

/** Reads the settings that `package.json` declares for the server, and what this session lays over them. */
export class Settings {
  readonly #keys: string[];
  readonly #session: Tables = {};

  constructor(manifest: { contributes: { configuration: { properties: object }[] } }) {
    this.#keys = manifest.contributes.configuration
      .flatMap((group) => Object.keys(group.properties))
      .filter((key) => !OWN.some((own) => key.startsWith(own)));
  }

  /** The tables with what was set by somebody; the server's own files hold where nothing was. */
  tables(): Tables {
    const tables: Tables = {};
    for (const key of this.#keys) {
      const found = vscode.workspace.getConfiguration().inspect(key);
      const value = found?.workspaceFolderValue ?? found?.workspaceValue ?? found?.globalValue;
      if (value !== undefined) {
        put(tables, key.slice(SECTION.length + 1), value);
      }
    }
    for (const [section, values] of Object.entries(this.#session)) {
      for (const [name, value] of Object.entries(values)) {
        put(tables, `${section}.${name}`, value);
      }
    }
    return tables;
  }

  /** Change a setting for this session. */
  override(key: string, value: unknown): void {
    put(this.#session, key, value);
  }
}

/** The extension's own settings. */
export function own<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration(`${SECTION}.server`).get(name, otherwise);
}

function put(tables: Tables, key: string, value: unknown): void {
  const dot = key.indexOf('.');
  (tables[key.slice(0, dot)] ??= {})[key.slice(dot + 1)] = value;
}
