export type PhaseKind = 'connecting' | 'open' | 'waiting' | 'closed';

/** What the connection was doing from `from` (epoch milliseconds) to where the next phase begins. */
export interface Phase {
  from: number;
  kind: PhaseKind;
}

const mostPhases = 1_000;

/** What a connection did when. Where there is too much of it, what was shortest is left out. */
export class Phases {
  #list: Phase[] = [];
  #openMs = 0;

  /** Times that go back count as the time before. */
  enter(kind: PhaseKind, time: number): void {
    const last = this.#list.at(-1);
    if (last?.kind === kind) return;
    const from = Math.max(time, last?.from ?? time);
    if (last?.kind === 'open') this.#openMs += from - last.from;
    this.#list.push({ from, kind });
    if (this.#list.length > mostPhases) this.#list = withoutShort(this.#list, mostPhases / 2);
  }

  /** At most `most` phases, the longest ones. */
  read(most: number): Phase[] {
    return withoutShort(this.#list, most);
  }

  /** How long the connection was open, up to `end` where it still is. */
  openMs(end: number): number {
    const last = this.#list.at(-1);
    return this.#openMs + (last?.kind === 'open' ? Math.max(0, end - last.from) : 0);
  }
}

/** What is left out belongs to the phase before it. The phase under way always stays. */
function withoutShort(phases: readonly Phase[], most: number): Phase[] {
  let kept = [...phases];
  for (let least = 1; kept.length > most; least *= 2) {
    const before = kept;
    kept = [];
    for (const [i, phase] of before.entries()) {
      const next = before[i + 1];
      if (next && next.from - phase.from < least) continue;
      const from = kept.length === 0 ? (before[0]?.from ?? phase.from) : phase.from;
      if (kept.at(-1)?.kind !== phase.kind) kept.push({ from, kind: phase.kind });
    }
  }
  return kept;
}
