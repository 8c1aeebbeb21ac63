/**
 * Keeps the `limit` smallest of all items ever offered, in a heap with the largest of them on top. Memory is
 * bounded by the limit.
 */
export class Smallest<T> {
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;
  readonly #heap: T[] = [];

  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  /** Considers an item. */
  offer(item: T): void {
    if (this.#heap.length < this.#limit) {
      this.#heap.push(item);
      this.#rise(this.#heap.length - 1);
      return;
    }
    const top = this.#heap[0];
    if (top === undefined || this.#compare(item, top) >= 0) return;
    this.#heap[0] = item;
    this.#sink();
  }

  /** The kept items, smallest first. */
  sorted(): T[] {
    return [...this.#heap].sort(this.#compare);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLarger(at, parent)) return;
      at = parent;
    }
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.#isLarger(right, left) ? right : left;
      if (!this.#swapIfLarger(child, at)) return;
      at = child;
    }
  }

  #swapIfLarger(lower: number, upper: number): boolean {
    const below = this.#heap[lower];
    const above = this.#heap[upper];
    if (below === undefined || above === undefined || this.#compare(below, above) <= 0) return false;
    this.#heap[lower] = above;
    this.#heap[upper] = below;
    return true;
  }

  #isLarger(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    return first !== undefined && second !== undefined && this.#compare(first, second) > 0;
  }
}
