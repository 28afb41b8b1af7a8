import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, Following, type Given } from '../../../../editors/vscode/src/feedback.ts';

const URI = 'file:///cart.py';

/** A line `x =` with a suggestion behind it, and what is told of each text that is put in one after the other. */
function parts(suggestion: string, ...texts: string[]): (number | undefined)[] {
  const following = new Following<string>();
  following.given({ item: 'item', name: 'one', uri: URI, line: 0, character: 3, text: suggestion });
  let behind = '';
  return texts.map((text) => {
    const change = { line: 0, character: 3 + behind.length, replaced: 0, text };
    const told = following.changed(URI, [change], () => behind);
    behind += text;
    return told?.length;
  });
}

test('a word is told with all that was taken before', () => {
  assert.deepEqual(parts(' one two three', ' one', ' two'), [4, 8]);
  assert.deepEqual(parts(' one two three', ' ', 'o', 'ne two'), [undefined, undefined, 8]);
});

test('keys are no parts, nor the brackets and indents that an editor adds to them', () => {
  assert.deepEqual(parts('f(()\n    a)', 'f', '('), [undefined, undefined]);
  assert.deepEqual(parts('()\n    a)', '()'), [undefined]);
  assert.deepEqual(parts('\n    a\n', '\n    '), [undefined]);
});

test('all of it is told by its command alone', () => {
  assert.deepEqual(parts(' one two', ' one two'), [undefined]);
});

test('a text that goes another way ends it', () => {
  assert.deepEqual(parts(' one two', ' other', ' one'), [undefined, undefined]);
});

test('lines are counted as the server ends them', () => {
  assert.deepEqual(parts(' one\n two\n three', ' one\r\n two'), [9]);
  assert.deepEqual(parts(' one\r\n two\r\n three', ' one\r\n two'), [10]);
  assert.deepEqual(parts(' one\r\n two\r\n three', ' one\n two', '\n'), [10, undefined]);
});

test('changes of other files, of several places and in front of it are no parts', () => {
  const given: Given<string> = { item: 'item', name: 'one', uri: URI, line: 3, character: 4, text: 'abcdef' };
  const change: Change = { line: 3, character: 4, replaced: 0, text: 'abc' };
  const told = (uri: string, changes: Change[]) => {
    const following = new Following<string>();
    following.given(given);
    return following.changed(uri, changes, () => '')?.length;
  };
  assert.equal(told(URI, [change]), 3);
  assert.equal(told('file:///other.py', [change]), undefined);
  assert.equal(told(URI, [change, change]), undefined);
  assert.equal(told(URI, [{ ...change, line: 2 }]), undefined);
  assert.equal(told(URI, [{ ...change, character: 3 }]), undefined);
  assert.equal(told(URI, [{ ...change, replaced: 1 }]), undefined);
});

test('a suggestion that is given again while it is typed is told as shown once', () => {
  const following = new Following<string>();
  const given: Given<string> = { item: 'item', name: 'one', uri: URI, line: 0, character: 0, text: 'abc' };
  assert.equal(following.given(given), true);
  assert.equal(following.given({ ...given, character: 1, text: 'bc' }), false);
  assert.equal(following.given({ ...given, name: 'two' }), true);
});
