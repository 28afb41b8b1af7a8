import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Request } from '../../../../editors/vscode/src/answers.ts';
import { lines, outcome, sentLines, sentence, timeline, unlinked } from '../../../../editors/vscode/src/explain.ts';
import { discreetly, report } from '../../../../editors/vscode/src/report.ts';
import {
  called,
  line,
  lines as statusLines,
  NO_SERVER,
  off,
  read,
  told,
  toldOfLanguage,
} from '../../../../editors/vscode/src/state.ts';

const shown: Request = {
  at: 1795254006.85,
  path: 'shop/cart.py',
  language: 'python',
  ms: 34.5,
  stages: { decode: 20, gate: 1, other: 5 },
  lane: 'near',
  model: 'twolane-starter',
  prompt_tokens: 1643,
  reused_tokens: 1642,
  generated_tokens: 9,
  sources: [{ path: 'shop/money.py', start_line: 20, why: 'imported here as Money' }],
  shown: true,
};
const silent: Request = { at: 1795254000, path: 'shop/cart.py', shown: false, reason: 'The time limit passed.' };

test('a request is told in one sentence', () => {
  assert.equal(
    sentence(shown),
    'Shown: 9 tokens by twolane-starter (near lane) in 34 ms.'.replace('34', (34.5).toFixed(0)),
  );
  assert.equal(sentence(silent), 'Nothing was shown: The time limit passed.');
  const typed = { ...shown, generated_tokens: 0, origin: 'typed-through' };
  assert.match(sentence(typed), /^Shown: what was suggested before, by twolane-starter/);
});

test('stages come in the order of their happening, the longest with twenty cells', () => {
  const bars = timeline(shown);
  assert.deepEqual(
    bars.map((bar) => bar.trim().split(' ')[0]),
    ['gate', 'decode', 'other'],
  );
  assert.ok(bars[1]?.endsWith(` ${'█'.repeat(20)}`));
});

test('a request is told with its place, and in words what was done to its text', () => {
  const words = { filters: ['lines that stand below already (23 characters less)'], checks: ['syntax: nothing wrong'] };
  const told = lines([{ ...shown, line: 3, column: 5, filters: ['lines below (-23)'], words }]);
  assert.ok(told[2]?.startsWith('shop/cart.py:3:5, '));
  assert.ok(told.includes('  lines that stand below already (23 characters less)'));
  assert.equal(told[told.indexOf('Looked at as code') + 1], '  syntax: nothing wrong');
});

test('the page about requests has the newest first and no control characters', () => {
  const told = lines([silent, { ...shown, path: 'a\u001b[31mb.py' }]);
  assert.equal(told[0], sentence(shown));
  assert.ok(told.some((one) => one.includes('shop/money.py:20  imported here as Money')));
  assert.ok(told.at(-1)?.includes('The time limit passed.'));
  assert.ok(!told.join('').includes('\u001b'));
  assert.deepEqual(lines([]), ['Nothing has been asked yet: type something.']);
});

test('what was sent is told by host and bytes', () => {
  assert.match(
    sentLines([silent, { ...shown, sent: [{ host: 'models.example.com', bytes: 812 }] }])[0] ?? '',
    /812 bytes to models/,
  );
  assert.match(sentLines([silent])[0] ?? '', /^Nothing left this machine/);
});

test('a language goes by the name that the server has for it, and stays off where the workspace has it so', () => {
  const documents = [{ uri: 'file:///a', language: 'shellscript', synced: true, bytes: 1, off: '' }];
  const status = { disabled_languages: ['lua', 'shellscript'], documents };
  assert.equal(called(status, 'file:///a', 'sh'), 'shellscript');
  assert.equal(called(status, 'file:///b', 'Lua'), 'lua');
  assert.match(toldOfLanguage(status, 'lua', true), /^suggestions are off in lua files/);
  assert.match(toldOfLanguage(status, 'lua', false), /^suggestions stay off in lua files: .*twolane\.toml/);
  assert.match(toldOfLanguage(status, 'go', false), /^suggestions are on in go files/);
});

test('the status line has the words of every editor', () => {
  const answer = { lane: 'near', state: 'ready', model: { name: 'm' }, enabled: true, paused: false };
  assert.equal(line(read(answer), false), 'near · m');
  assert.equal(line(read(answer), true), 'near · m · off here');
  assert.equal(line(read({ ...answer, paused: true }), false), 'near · m · paused');
  assert.equal(line(read({ ...answer, enabled: false }), false), 'near · m · off');
  assert.equal(line(read({ ...answer, spend: { day_usd: 0.254 } }), false), 'near · m · $0.25');
  assert.equal(line({ ...NO_SERVER, state: 'ready' }, false), 'twolane');
  assert.ok(told(read(answer), answer, silent).includes('Nothing was shown: The time limit passed.'));
  const page = statusLines(
    { ...answer, documents: [{ uri: 'file:///a', synced: true, bytes: 1, off: 'larger' }] },
    'file:///a',
    false,
  );
  assert.ok(page.includes('file     larger'));
});

test('a file in which the server suggests nothing says so, unless suggestions are off everywhere', () => {
  const answer = {
    state: 'ready',
    documents: [{ uri: 'file:///a', synced: true, bytes: 1, off: 'turned off for lua' }],
  };
  assert.equal(off(answer, 'file:///a'), 'turned off for lua');
  assert.equal(off(answer, 'file:///b'), '');
  assert.equal(off({}, undefined), '');
  assert.equal(line(read({ ...answer, enabled: false }), true), 'off');
  assert.ok(
    told(read(answer), answer, silent, off(answer, 'file:///a')).includes('off in this file: turned off for lua'),
  );
});

test('the status page tells of reviews what it tells in every editor', () => {
  const incomplete = [{ path: 'cart.py', reason: 'There is no key.' }];
  const page = statusLines({ review: { on_save: 'ask', findings: 2, incomplete } }, undefined, false);
  assert.ok(page.includes('review   on save, once you have said yes, 2 findings'));
  assert.ok(page.includes('         cart.py: There is no key.'));
});

test('a review that nobody made is not told as one that found nothing', () => {
  const incomplete = [{ path: 'cart.py', reason: 'There is no key.' }];
  assert.equal(outcome({ files: 1, incomplete }), 'cart.py was not reviewed: There is no key.');
  assert.match(outcome({ files: 2, incomplete }), /^nothing found in 2 files.*Not reviewed to the end: cart.py/);
  assert.equal(outcome({ files: 1, cost_usd: 0.01 }), 'nothing found in 1 file, $0.0100.');
});

test('a report leaves out whatever may tell of the work', () => {
  assert.equal(discreetly('/home/me/secret/x.gguf and https://models.example.com/v1'), '<path> and <address>');
  assert.equal(discreetly('the name `Money` in "cart" of cart.py'), 'the name … in … of <file>');
  assert.equal(discreetly('llama-cpp-python 0.3.36 loads llama.cpp'), 'llama-cpp-python 0.3.36 loads llama.cpp');
  assert.equal(
    discreetly("the workspace's file may not, by 'cart' and b'money'"),
    'the workspace\u2019s file may not, by … and b…',
  );
  const written = report({
    settings: ['twolane.server.path', 'twolane.team.url'],
    versions: { extension: '1' },
    server: 'running, found through the setting twolane.server.path',
    status: {
      state: 'ready',
      lane: 'near',
      model: { name: 'm', path: '/home/me/m.gguf' },
      problems: [
        '/home/me/x: key = 1',
        'team.url = "cart" is not used: the workspace\'s file may not set it, the person\'s may',
      ],
    },
    explained: { requests: [silent, shown] },
    doctor: {
      ok: false,
      checks: [{ name: 'model', level: 'error', detail: '/home/me/m.gguf is gone', fix: 'rm -r /home/me' }],
    },
  });
  for (const secret of ['cart', 'money', 'Money', '/home', 'm.gguf', 'key = 1 is']) {
    assert.ok(!written.includes(secret), secret);
  }
  assert.match(written, /found through the setting twolane\.server\.path/);
  assert.match(written, /team\.url = … is not used: the workspace.s file may not set it/);
  assert.match(written, /\| python \| 3[45] \| near \| 1643, 1642, 9 \|.*\| shown \|/);
});

test('what a message quotes makes no link', () => {
  assert.equal(unlinked('[Fix](command:evil) in a[0](b)'), '[Fix] (command:evil) in a[0] (b)');
  assert.equal(unlinked('one\n]('), 'one ] (');
});
