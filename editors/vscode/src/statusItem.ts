/** The item in the status bar: lane, model, state, today's spend; on hover also the reason of the last silence. */

import * as vscode from 'vscode';
import type { Explained, Request, Status } from './answers.ts';
import type { Phase, Server } from './server.ts';
import { line, NO_SERVER, off, passing, read, type State, told, unsettled } from './state.ts';
import type { Suggestions } from './suggestions.ts';

/** A command that the pop-up offers. */
interface Link {
  readonly title: string;
  readonly command: string;
}

const EVERYDAY: readonly Link[] = [
  { title: 'Explain', command: 'twolane.explainLast' },
  { title: 'Pause or go on', command: 'twolane.toggle' },
];
const FIRST_STEPS: readonly Link[] = [{ title: 'First Steps', command: 'twolane.walkthrough' }];
const START: readonly Link[] = [{ title: 'Start it', command: 'twolane.restart' }];
const LOG: Link = { title: 'Log', command: 'twolane.showLog' };

const SETTLED_MS = 300;
const PASSING_MS = 1_000;

const PHASES: Record<Exclude<Phase, 'running'>, string> = {
  resting: 'not started',
  starting: 'starting',
  waiting: 'coming back',
  missing: 'no server',
  'given up': 'ended',
};

/** A text as Markdown that shows it as it is; its spaces stay spaces, so that lines break between words. */
function literal(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!~<>&|$]/g, '\\$&');
}

/** Keeps itself up to date: after each answer, and while something is under way. */
export class StatusItem implements vscode.Disposable {
  readonly #server: Server;
  readonly #suggestions: Suggestions;
  readonly #item = vscode.window.createStatusBarItem('twolane.status', vscode.StatusBarAlignment.Right, 100);
  readonly #listening: vscode.Disposable[];
  #state: State = NO_SERVER;
  #answer: Status = {};
  #last: Request | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: Server, suggestions: Suggestions) {
    this.#server = server;
    this.#suggestions = suggestions;
    this.#item.name = 'Twolane';
    this.#item.command = 'twolane.menu';
    this.#listening = [
      server.onDidChange(() => this.refresh(0)),
      suggestions.onDidAnswer(() => this.refresh()),
      vscode.window.onDidChangeActiveTextEditor(() => {
        this.#draw();
        this.refresh();
      }),
    ];
    this.#draw();
    this.#item.show();
  }

  /** Ask the server how it is, soon. */
  refresh(inMs = SETTLED_MS): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), inMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#item.dispose();
    vscode.Disposable.from(...this.#listening).dispose();
  }

  async #ask(): Promise<void> {
    const before = this.#state;
    try {
      const status = await this.#server.command<Status>('twolane.status');
      const explained = await this.#server.command<Explained>('twolane.explain', 1);
      this.#answer = status ?? {};
      this.#state = status === undefined ? NO_SERVER : read(status);
      this.#last = explained?.requests?.at(-1);
    } catch {
      this.#state = NO_SERVER;
    }
    this.#draw();
    if (this.#state.state === 'ready' && (before === NO_SERVER || passing(before))) {
      this.#suggestions.again();
    }
    if (this.#server.client !== undefined && passing(this.#state)) {
      this.refresh(PASSING_MS);
    }
  }

  #draw(): void {
    const phase = this.#server.phase;
    if (phase !== 'running' || this.#state === NO_SERVER) {
      const words = phase === 'running' ? 'starting' : PHASES[phase];
      this.#item.text = `$(sparkle) Twolane: ${words}`;
      const found = this.#server.found;
      const facts = [words, ...(found !== undefined && 'reason' in found ? [found.reason] : [])];
      this.#tooltip(facts, phase === 'missing' ? FIRST_STEPS : phase === 'given up' ? START : []);
      this.#item.backgroundColor =
        phase === 'missing' || phase === 'given up'
          ? new vscode.ThemeColor('statusBarItem.warningBackground')
          : undefined;
      return;
    }
    const uri = vscode.window.activeTextEditor?.document.uri;
    const here = this.#suggestions.pausedIn(uri) ? 'you have paused it here' : off(this.#answer, uri?.toString());
    const offHere = here !== '';
    const quiet = offHere || ['paused', 'off', 'down', 'refused', 'away'].includes(this.#state.state);
    this.#item.text = `$(${unsettled(this.#state) ? 'loading~spin' : quiet ? 'circle-slash' : 'sparkle'}) ${line(this.#state, offHere)}`;
    this.#item.backgroundColor =
      this.#state.state === 'refused' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#tooltip(told(this.#state, this.#answer, this.#last, here), EVERYDAY);
  }

  #tooltip(facts: readonly string[], links: readonly Link[]): void {
    const offered = [...links, LOG];
    const markdown = new vscode.MarkdownString();
    markdown.isTrusted = { enabledCommands: offered.map(({ command }) => command) };
    markdown.appendMarkdown(['**Twolane**', ...facts.map(literal)].join('\n\n'));
    markdown.appendMarkdown(`\n\n${offered.map(({ title, command }) => `[${title}](command:${command})`).join(' · ')}`);
    this.#item.tooltip = markdown;
  }
}
