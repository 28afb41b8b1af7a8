/** A report for whoever helps with a trouble: versions, states and times, but no code, name or path of the work. */

import type { Doctor, Explained, Status } from './answers.ts';
import { clock } from './explain.ts';
import { read } from './state.ts';

/** Names with a dot that tell nothing of the work. */
const KEPT = new Set(['llama.cpp', 'twolane.toml', 'Node.js']);

/** What a report is made of; a part that could not be had is undefined. `settings` are the names of all settings. */
export interface Parts {
  readonly settings: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly server: string;
  readonly status: Status | undefined;
  readonly explained: Explained | undefined;
  readonly doctor: Doctor | undefined;
}

/** The report as Markdown. */
export function report(parts: Parts): string {
  const kept = new Set([...KEPT, ...parts.settings.flatMap((name) => [name, name.replace(/^twolane\./, '')])]);
  const discreet = (line: string): string => discreetly(line, kept);
  const told = [
    '# Twolane: report',
    '',
    'Made on your machine and sent nowhere. It holds versions, states and times; code, names of files and whatever',
    'stands in quotes is left out. Read it before you pass it on.',
    '',
    '## Versions',
    '',
    ...Object.entries(parts.versions).map(([name, version]) => `- ${name}: ${version}`),
    '',
    '## Server',
    '',
    `- ${discreet(parts.server)}`,
  ];
  if (parts.status !== undefined) {
    const state = read(parts.status);
    const off = parts.status.documents?.filter((one) => one.off).length ?? 0;
    told.push(
      `- state: ${state.state}${state.message ? ` (${discreet(state.message)})` : ''}`,
      `- lane: ${state.lane || 'none'}`,
      `- model: ${state.model ? discreet(state.model) : 'none'}${parts.status.model?.device ? ` on ${parts.status.model.device}` : ''}`,
      `- open files: ${parts.status.documents?.length ?? 0}, ${off} of them without suggestions`,
      ...state.problems.map((problem) => `- problem: ${discreet(problem)}`),
    );
  }
  told.push('', '## This machine', '');
  if (parts.doctor === undefined) {
    told.push('`twolane doctor` gave no answer.');
  } else {
    told.push(...parts.doctor.checks.map((check) => `- ${check.name}: ${check.level}, ${discreet(check.detail)}`));
  }
  told.push('', '## The latest requests', '');
  const requests = parts.explained?.requests ?? [];
  if (requests.length === 0) {
    told.push('None is known.');
  } else {
    told.push(
      '| at | language | ms | lane | tokens read, reused, written | stages in ms | outcome |',
      '|---|---|---|---|---|---|---|',
    );
  }
  for (const request of requests) {
    const tokens = [request.prompt_tokens, request.reused_tokens, request.generated_tokens].map((count) => count ?? 0);
    const stages = Object.entries(request.stages ?? {}).map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
    const outcome = request.shown ? 'shown' : discreet(request.reason || 'nothing');
    const cells = [
      clock(request.at),
      request.language ?? '',
      (request.ms ?? 0).toFixed(0),
      request.lane ?? '',
      tokens.join(', '),
      stages.join(', '),
      [outcome, ...(request.filters ?? [])].join('; '),
    ];
    told.push(`| ${cells.map((cell) => cell.replaceAll('|', '/')).join(' | ')} |`);
  }
  return `${told.join('\n')}\n`;
}

/**
 * A line without what may tell of the work: quoted text, addresses, and whatever looks like a path or a file's name, but
 * those that are `kept`.
 */
export function discreetly(line: string, kept: ReadonlySet<string> = KEPT): string {
  return line
    .replace(/([a-z]{2})'s (?=\w)/gi, '$1\u2019s ')
    .replace(/`[^`]*`|"[^"]*"|'[^']*'|‘[^’]*’|“[^”]*”/g, '…')
    .replace(/\b[a-z][\w+.-]*:\/\/\S+/gi, '<address>')
    .replace(/\S*[\\/]\S*/g, '<path>')
    .replace(/\b[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{1,5}|ipynb|gguf)\b/gi, (name) =>
      /^\d/.test(name) || kept.has(name) ? name : '<file>',
    )
    .replace(/\p{Cc}/gu, ' ');
}
