import type { Disposable } from '../base/disposables.ts';
import type { Redactor } from '../base/redaction.ts';

/** More than one request holds, so that also what earlier ones sent stays masked: a server may echo it late. */
const most = 200;

/** The secrets of one session that are masked wherever they turn up: those of late. */
export class Masks implements Disposable {
  readonly #redactor: Redactor;
  readonly #masks = new Map<string, Disposable>();

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  add(secret: string): void {
    const known = this.#masks.get(secret);
    this.#masks.delete(secret);
    this.#masks.set(secret, known ?? this.#redactor.add(secret));
    if (this.#masks.size <= most) return;
    const [oldest] = this.#masks;
    if (!oldest) return;
    this.#masks.delete(oldest[0]);
    oldest[1].dispose();
  }

  dispose(): void {
    for (const mask of this.#masks.values()) mask.dispose();
    this.#masks.clear();
  }
}
