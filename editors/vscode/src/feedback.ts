/** What becomes of suggestions, as far as VS Code lets an extension see it. Pure: no editor in it. */

/** A suggestion that VS Code was given for a place: `text` as the server wrote it, from `line` and `character` on. */
export interface Given<Item> {
  readonly item: Item;
  readonly name: string;
  readonly uri: string;
  readonly line: number;
  readonly character: number;
  readonly text: string;
}

/** One change of a document as VS Code tells it: what was put in at a place, and how much that replaced. */
export interface Change {
  readonly line: number;
  readonly character: number;
  readonly replaced: number;
  readonly text: string;
}

/** A part that was accepted: `length` counts UTF-16 code units of the item's text, from its start. */
export interface Part<Item> {
  readonly item: Item;
  readonly length: number;
}

const REMEMBERED = 64;

/** Follows the newest suggestion: VS Code tells an extension neither that it was drawn nor that a part was taken. */
export class Following<Item> {
  #newest: Given<Item> | undefined;
  readonly #told = new Set<string>();

  /** A suggestion is about to be drawn; tells whether the server has to hear that it is shown. */
  given(given: Given<Item>): boolean {
    this.#newest = given;
    if (this.#told.has(given.name)) {
      return false;
    }
    this.#told.add(given.name);
    const [oldest] = this.#told;
    if (this.#told.size > REMEMBERED && oldest !== undefined) {
      this.#told.delete(oldest);
    }
    return true;
  }

  /**
   * A document has changed. `before` is the text between the suggestion's start and the change. A part was accepted
   * where more than one character went in at once that continue the suggestion and are not all of it; all of it is told
   * by the item's command.
   */
  changed(
    uri: string,
    changes: readonly Change[],
    before: (given: Given<Item>, change: Change) => string,
  ): Part<Item> | undefined {
    const given = this.#newest;
    if (given === undefined || given.uri !== uri) {
      return undefined;
    }
    const [change, ...others] = changes;
    if (change === undefined || others.length > 0 || change.replaced > 0 || isBefore(change, given)) {
      this.#newest = undefined;
      return undefined;
    }
    const ownEnd = given.text.includes('\r\n') ? '\r\n' : '\n';
    const head = (before(given, change) + change.text).replaceAll(/\r?\n/g, ownEnd);
    if (!given.text.startsWith(head)) {
      this.#newest = undefined;
      return undefined;
    }
    return isPart(change.text) && head.length < given.text.length
      ? { item: given.item, length: head.length }
      : undefined;
  }
}

/** Whether a text can hardly come of one key: neither a pair of brackets or quotes nor a line's end with its indent. */
function isPart(text: string): boolean {
  return text.length > 1 && text.trim() !== '' && !/^(\(\)|\[\]|\{\}|""|''|``|<>)$/.test(text);
}

function isBefore(change: Change, given: { line: number; character: number }): boolean {
  return change.line < given.line || (change.line === given.line && change.character < given.character);
}
