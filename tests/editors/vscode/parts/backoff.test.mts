import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../../editors/vscode/src/backoff.ts';

function clocked(limit: number) {
  const clock = { now: 1_000_000 };
  return {
    clock,
    backoff: new Backoff(
      () => limit,
      () => clock.now,
    ),
  };
}

test('pauses double from half a second on, and five starts within three minutes are the last', () => {
  const { backoff } = clocked(5);
  const pauses = [1, 2, 3, 4, 5, 6].map(() => backoff.ended());
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, undefined]);
  assert.equal(backoff.ends, 6);
});

test('what is longer ago than three minutes does not count', () => {
  const { clock, backoff } = clocked(1);
  assert.equal(backoff.ended(), 500);
  clock.now += 180_000;
  assert.equal(backoff.ended(), 500);
  assert.equal(backoff.ended(), undefined);
});

test('a limit of none never starts it again, and a person who starts it anew has all starts again', () => {
  assert.equal(clocked(0).backoff.ended(), undefined);
  const { backoff } = clocked(1);
  backoff.ended();
  assert.equal(backoff.ended(), undefined);
  backoff.forget();
  assert.equal(backoff.ended(), 500);
});
