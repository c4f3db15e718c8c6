// The view's state as plain values, and every change to it as a pure function. What the list shows is
// [base, end): `base` lags behind the capture's first row while the user looks around, so that evictions
// move nothing under the cursor, and `end` stands still while paused.
import type { Detail, Snapshot } from '../src/panelApi/protocol.ts';

export type Mode = 'following' | 'browsing' | 'paused';

export interface DetailState {
  position: number;
  status: 'loading' | 'ready' | 'gone' | 'failed';
  /** While loading: the one before, so that walking down the list doesn't flicker. */
  value?: Detail;
}

export interface ViewState {
  snapshot?: Snapshot;
  mode: Mode;
  base: number;
  end: number;
  /** The user has seen, or could have seen, the rows before this position. */
  seen: number;
  selected?: number;
  /** Counts the wishes to bring the selection into the view from outside the list. */
  reveals: number;
  detail?: DetailState;
  detailOpen: boolean;
}

export const initialState: ViewState = {
  mode: 'following',
  base: 0,
  end: 0,
  seen: 0,
  reveals: 0,
  detailOpen: false,
};

/** Beyond this many rows of 22 px the layout's 32-bit coordinates get coarse: older rows stay out of reach. */
const maxLaidOut = 700_000;

export function receive(state: ViewState, snapshot: Snapshot): ViewState {
  const { first, next } = snapshot;
  const restarted = state.snapshot !== undefined && snapshot.capture !== state.snapshot.capture;
  if (restarted) {
    const { selected: _, detail: __, ...rest } = state;
    return { ...rest, snapshot, mode: 'following', base: first, end: next, seen: next };
  }
  const oldest = Math.max(first, next - maxLaidOut);
  if (state.mode === 'following') return { ...state, snapshot, base: oldest, end: next, seen: next };
  const end = state.mode === 'paused' ? state.end : next;
  const base = end - state.base > maxLaidOut ? Math.min(oldest, end) : state.base;
  return { ...state, snapshot, base, end };
}

/** The user looks at something else than the newest rows: nothing may move from here on. */
export function leaveFollow(state: ViewState): ViewState {
  return state.mode === 'following' ? { ...state, mode: 'browsing', seen: state.end } : state;
}

export function follow(state: ViewState): ViewState {
  const { first = 0, next = 0 } = state.snapshot ?? {};
  return { ...state, mode: 'following', base: Math.max(first, next - maxLaidOut), end: next, seen: next };
}

export function togglePause(state: ViewState): ViewState {
  return state.mode === 'paused' ? follow(state) : { ...state, mode: 'paused', seen: state.end };
}

/** Rows up to `to` came into view while browsing: they aren't new any more. */
export function see(state: ViewState, to: number): ViewState {
  const seen = Math.min(to, state.end);
  return state.mode === 'browsing' && seen > state.seen ? { ...state, seen } : state;
}

/** Lets go of evicted rows above the one at the top of the view. For when nothing is being scrolled. */
export function rebase(state: ViewState, top: number): ViewState {
  const base = Math.min(state.snapshot?.first ?? 0, top, state.end);
  return base > state.base ? { ...state, base } : state;
}

export function select(state: ViewState, position: number): ViewState {
  const { first = 0 } = state.snapshot ?? {};
  const selected = Math.max(Math.min(first, state.base), Math.min(position, state.end - 1));
  return state.end > state.base ? { ...leaveFollow(state), selected } : state;
}

/** Selects a row from elsewhere, which a paused list may not have come to yet, and asks to bring it into view. */
export function reveal(state: ViewState, position: number): ViewState {
  const there = state.mode === 'paused' && position >= state.end ? follow(state) : state;
  return { ...select(there, position), reveals: state.reveals + 1 };
}

/** What arrived since the user last looked at the end of the list. */
export function unseen(state: ViewState): number {
  return Math.max(0, (state.snapshot?.next ?? 0) - state.seen);
}
