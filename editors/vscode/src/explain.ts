/** Why there was this suggestion or none, in words. Pure: no editor in it. */

import type { Request, Reviewed } from './answers.ts';

const STAGES = ['gate', 'context', 'queue', 'prefill', 'decode', 'filters', 'checks'];
const BAR = 20;

/** What became of a request, in one sentence. */
export function sentence(request: Request): string {
  if (!request.shown) {
    return `Nothing was shown: ${request.reason || 'no reason is known.'}`;
  }
  const model = (request.model || 'no model') + (request.lane ? ` (${request.lane} lane)` : '');
  const ms = (request.ms ?? 0).toFixed(0);
  if (!request.generated_tokens) {
    const known: Record<string, string> = {
      'typed-through': 'what was suggested before',
      speculated: 'what was written ahead',
    };
    return `Shown: ${known[request.origin ?? ''] ?? 'what was known'}, by ${model}, in ${ms} ms.`;
  }
  return `Shown: ${request.generated_tokens} tokens by ${model} in ${ms} ms.`;
}

/** The stages of a request with a bar each, the longest being twenty cells. */
export function timeline(request: Request): string[] {
  const stages = Object.entries(request.stages ?? {}).sort(([one], [other]) => rank(one) - rank(other));
  const most = Math.max(0, ...stages.map(([, ms]) => ms));
  return stages.map(([name, ms]) => {
    const cells = most > 0 ? Math.round((ms / most) * BAR) : 0;
    return `  ${name.padEnd(10)} ${ms.toFixed(2).padStart(8)} ms  ${'█'.repeat(Math.max(cells, 1))}`;
  });
}

/** What left this machine for a request. */
export function sent(request: Request): string[] {
  const told = request.sent ?? [];
  return told.length === 0 ? ['  nothing left this machine'] : told.map((one) => `  ${one.bytes} bytes to ${one.host}`);
}

/** Everything about requests, the newest first, for a person; they come with the newest last. */
export function lines(requests: readonly Request[]): string[] {
  const newest = requests.at(-1);
  if (newest === undefined) {
    return ['Nothing has been asked yet: type something.'];
  }
  const place = newest.line ? `:${newest.line}:${newest.column}` : '';
  const told = [sentence(newest), '', `${newest.path}${place}, ${clock(newest.at)}`, '', 'Where the time went'];
  told.push(...timeline(newest));
  if (newest.prompt_tokens) {
    told.push('', `Prompt: ${newest.prompt_tokens} tokens, ${newest.reused_tokens ?? 0} of them already read`);
    for (const source of newest.sources ?? []) {
      told.push(`  ${source.path}:${source.start_line}  ${source.why ?? source.symbol ?? ''}`.trimEnd());
    }
  }
  if (newest.words?.filters?.length) {
    told.push('', 'Changed or taken out of it', ...newest.words.filters.map((phrase) => `  ${phrase}`));
  }
  if (newest.words?.checks?.length) {
    told.push('', 'Looked at as code', ...newest.words.checks.map((phrase) => `  ${phrase}`));
  }
  told.push('', 'Sent', ...sent(newest));
  if (requests.length > 1) {
    told.push('', 'Before that');
    for (const request of requests.slice(0, -1).reverse()) {
      told.push(`  ${clock(request.at)}  ${request.path}  ${sentence(request)}`);
    }
  }
  return told.map(printable);
}

/** What left this machine for requests, the newest first. */
export function sentLines(requests: readonly Request[]): string[] {
  const told = [...requests]
    .reverse()
    .filter((request) => request.sent?.length)
    .flatMap((request) => sent(request).map((line) => `${clock(request.at)}  ${request.path}${line}`));
  if (told.length === 0) {
    told.push(`Nothing left this machine for the last ${requests.length} requests.`);
  }
  return [...told, '', '`twolane ledger --egress` in a terminal tells all that ever did, line by line.'].map(printable);
}

/** The outcome of a review in one line. */
export function outcome(review: Reviewed): string {
  const [findings, files] = [review.findings?.length ?? 0, review.files ?? 0];
  const what = findings === 0 ? 'nothing found' : findings === 1 ? '1 finding' : `${findings} findings`;
  const [first] = review.incomplete ?? [];
  if (first !== undefined && findings === 0 && (review.incomplete?.length ?? 0) >= files) {
    return `${first.path} was not reviewed: ${first.reason}`;
  }
  return [
    `${what} in ${files === 1 ? '1 file' : `${files} files`}, $${(review.cost_usd ?? 0).toFixed(4)}.`,
    ...(first === undefined ? [] : [`Not reviewed to the end: ${first.path}: ${first.reason}`]),
    ...Object.keys(review.skipped ?? {}).map((reason) => `Not reviewed: ${reason}`),
  ].join(' ');
}

/** Seconds since 1970 as the time of day. */
export function clock(at: number): string {
  return new Date(at * 1000).toTimeString().slice(0, 8);
}

/** A line without control characters: paths and reasons may come from a stranger's project. */
export function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ');
}

/** A line for a message of VS Code's, which makes links of `[…](command:…)` and runs them at a click. */
export function unlinked(line: string): string {
  return printable(line).replaceAll('](', '] (');
}

function rank(stage: string): number {
  const at = STAGES.indexOf(stage);
  return at < 0 ? STAGES.length : at;
}
