/** Distinct event types told apart by number; whatever comes after these is read from its block again. */
const maxTypes = 1_000;
const unlistedType = 0xffff;

/** The names of a capture's event types, each kept once, and how many events each had, evicted ones included. */
export class TypeTable {
  readonly #names: string[] = [];
  readonly #counts: number[] = [];
  readonly #numbers = new Map<string, number>();
  #others = 0;

  /** Counts events of this type and gives the type's number. */
  count(type: string, events = 1): number {
    const number = this.#numbers.get(type) ?? this.#list(type);
    if (number === unlistedType) this.#others += events;
    else this.#counts[number] = (this.#counts[number] ?? 0) + events;
    return number;
  }

  /** Empty where the type isn't listed. */
  name(number: number): string {
    return this.#names[number] ?? '';
  }

  /** The types that are listed, the most frequent first. */
  types(): { type: string; count: number }[] {
    return this.#names
      .map((type, number) => ({ type, count: this.#counts[number] ?? 0 }))
      .sort((a, b) => b.count - a.count);
  }

  /** Events of the types that came after the first thousand, or have a name too long to be kept. */
  get others(): number {
    return this.#others;
  }

  #list(type: string): number {
    // A server may name a type as long as a block; such a one is not kept twice.
    if (this.#names.length >= maxTypes || type.length > 256) return unlistedType;
    const name = ownCopy(type);
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}

/** The text by itself: a part of a decoded chunk would keep the whole of it in memory. */
export function ownCopy(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
