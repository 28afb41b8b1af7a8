/** How long to wait before a server that ended by itself is started again, and when to give it up. */

const FIRST_PAUSE_MS = 500;
const WITHIN_MS = 180_000;

/** Counts ends within three minutes; pauses double from half a second on. */
export class Backoff {
  #ends: number[] = [];
  readonly #limit: () => number;
  readonly #now: () => number;

  /** `limit`: how often the server is brought back within three minutes; 0: never. */
  constructor(limit: () => number, now: () => number = Date.now) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Ends within the last three minutes. */
  get ends(): number {
    return this.#recent().length;
  }

  /** The server has ended: how many milliseconds to wait before the next start, undefined where it is given up. */
  ended(): number | undefined {
    this.#ends = [...this.#recent(), this.#now()];
    return this.#ends.length > this.#limit() ? undefined : FIRST_PAUSE_MS * 2 ** (this.#ends.length - 1);
  }

  /** A person starts anew: what was is forgotten. */
  forget(): void {
    this.#ends = [];
  }

  #recent(): number[] {
    return this.#ends.filter((at) => this.#now() - at < WITHIN_MS);
  }
}
