/** How Twolane is, in the words of every editor. Pure: no editor in it. */

import type { Request, Status } from './answers.ts';
import { printable, sentence } from './explain.ts';

/** What a status line tells. `state` is "ready", "loading", "paused", "off", "no server" and so on. */
export interface State {
  readonly lane: string;
  readonly model: string;
  readonly state: string;
  readonly message: string;
  readonly spent: number;
  readonly problems: readonly string[];
}

export const NO_SERVER: State = { lane: '', model: '', state: 'no server', message: '', spent: 0, problems: [] };

const REVIEWS: Readonly<Record<string, string>> = {
  on: 'on save',
  off: 'on command only',
  ask: 'on save, once you have said yes',
};

/** Read the answer of `twolane.status`. */
export function read(answer: Status): State {
  return {
    lane: answer.lane ?? '',
    model: answer.model?.name ?? '',
    state: answer.enabled === false ? 'off' : answer.paused ? 'paused' : (answer.state ?? ''),
    message: answer.message ?? '',
    spent: answer.spend?.day_usd ?? 0,
    problems: answer.problems ?? [],
  };
}

/** One short line: lane, model, state unless all is well, what was spent today. */
export function line(state: State, offHere: boolean): string {
  const words = [
    state.lane,
    state.model,
    offHere && state.state !== 'off' ? 'off here' : state.state === 'ready' ? '' : state.state,
    state.spent > 0 ? `$${state.spent.toFixed(2)}` : '',
  ];
  return words.filter(Boolean).join(' · ') || 'twolane';
}

/** Whether the model is being started or loaded. */
export function unsettled(state: State): boolean {
  return state.state === 'starting' || state.state === 'loading';
}

/** Whether the state may change without a person's doing. */
export function passing(state: State): boolean {
  return unsettled(state) || ['down', 'away', ''].includes(state.state);
}

/** Why the server suggests nothing in a file; '' where it may suggest, and where it does not know the file. */
export function off(answer: Status, uri: string | undefined): string {
  return answer.documents?.find((one) => one.uri === uri)?.off ?? '';
}

/** What the server calls the language of a file, as its lists have it; `id` is the editor's name. */
export function called(answer: Status, uri: string, id: string): string {
  return (answer.documents?.find((one) => one.uri === uri)?.language ?? id).toLowerCase();
}

/** What became of the wish to have suggestions in a language `off`, or on again, by the server's answer since then. */
export function toldOfLanguage(answer: Status | undefined, language: string, off: boolean): string {
  return !off && answer?.disabled_languages?.includes(language)
    ? `suggestions stay off in ${language} files: the workspace's twolane.toml has it so.`
    : `suggestions are ${off ? 'off' : 'on'} in ${language} files for this session.`;
}

/** What the pointer over that line tells, one fact a line; `last` is the latest request, `here` why this file has none. */
export function told(state: State, answer: Status, last: Request | undefined, here = ''): string[] {
  const cap = answer.spend?.day_cap_usd;
  const facts = [
    state.state + (state.message ? `: ${state.message}` : ''),
    `lane ${state.lane || 'none'}, model ${state.model || 'none'}`,
    `spent today $${state.spent.toFixed(4)}${cap === undefined ? '' : ` of $${cap.toFixed(2)}`}`,
    ...(answer.spend?.held ? [answer.spend.held] : []),
    ...(here ? [`off in this file: ${here}`] : []),
    last === undefined ? 'Nothing has been asked yet.' : sentence(last),
    ...state.problems,
  ];
  return facts.map(printable);
}

/** What the server says of itself, for a page; `uri` is the file at hand. */
export function lines(answer: Status, uri: string | undefined, offHere: boolean): string[] {
  const state = read(answer);
  const model = answer.model ?? {};
  const spend = answer.spend ?? {};
  const cap = spend.day_cap_usd === undefined ? '' : ` of $${spend.day_cap_usd.toFixed(2)}`;
  const facts: [string, string][] = [
    ['state', state.state + (state.message ? `: ${state.message}` : '')],
    ['lane', state.lane || 'none'],
    ['model', model.name ?? 'none'],
  ];
  if (model.path || model.host) {
    facts.push(['', model.path || `on ${model.host}`]);
  }
  facts.push(['spent', `$${state.spent.toFixed(4)}${cap} today, $${(spend.month_usd ?? 0).toFixed(4)} this month`]);
  if (spend.held) {
    facts.push(['', spend.held]);
  }
  if (answer.review !== undefined) {
    const { on_save = '', findings = 0, reviewing = '', incomplete = [] } = answer.review;
    const underWay = reviewing ? `, at work on ${reviewing}` : '';
    facts.push(['review', `${REVIEWS[on_save] ?? on_save}, ${findings} findings${underWay}`]);
    incomplete.forEach(({ path, reason }) => facts.push(['', `${path}: ${reason}`]));
  }
  if (answer.documents?.some((one) => one.uri === uri)) {
    const reason = offHere ? 'suggestions are off here (Twolane: Resume in This File)' : off(answer, uri);
    facts.push(['file', reason || 'followed, suggestions are on']);
  }
  state.problems.forEach((problem, at) => facts.push([at === 0 ? 'problems' : '', problem]));
  return facts.map(([name, fact]) => printable(`${name.padEnd(8)} ${fact}`));
}
