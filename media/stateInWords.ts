import type { Snapshot } from '../src/panelApi/protocol.ts';

/** For the live region: it speaks of states, never of events. */
export function stateInWords({ state, stateWord }: Snapshot): string {
  if (state.kind === 'waiting') return `${stateWord}: ${state.cause}`;
  if (state.kind === 'open' && state.silentSince !== undefined) return `${stateWord}, but silent`;
  return state.kind === 'closed' ? `${stateWord}: ${state.reason}` : stateWord;
}
