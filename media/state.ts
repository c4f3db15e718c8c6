// The view's state as plain values, and every change to it as a pure function. What the list shows is
// [base, end), indexes of the host's list: `base` lags behind its first row while the user looks around, so that
// evictions move nothing under the cursor, and `end` stands still while paused.
import type { Detail, Marks, Snapshot } from '../src/panelApi/protocol.ts';

export type Mode = 'following' | 'browsing' | 'paused';

export interface DetailState {
  position: number;
  status: 'loading' | 'ready' | 'gone' | 'failed';
  /** While loading: the one before, so that walking down the list doesn't flicker. */
  value?: Detail;
  /** What the filter finds in it, beside plain texts; comes after it. */
  marks?: Marks;
}

export interface ViewState {
  snapshot?: Snapshot;
  mode: Mode;
  base: number;
  end: number;
  /** The user has seen, or could have seen, the rows before this index. */
  seen: number;
  /** The position of the selected record, which a filter may hide; missing until the cursor's row has come. */
  selected?: number;
  /** The index of the selected row. */
  cursor?: number;
  /** Counts the wishes from outside the list to bring the row at `sight` into the view. */
  reveals: number;
  sight: number;
  /** A record that was to be shown, and that the filter hides. */
  hidden?: number;
  detail?: DetailState;
  detailOpen: boolean;
}

export const initialState: ViewState = {
  mode: 'following',
  base: 0,
  end: 0,
  seen: 0,
  reveals: 0,
  sight: 0,
  detailOpen: false,
};

/**
 * A layout ends at 33 million pixels (2^25): older rows than fit stay out of reach. Past 2^24 pixels what is drawn stands
 * at even ones, and so does each row, since they are 22 px high.
 */
const maxLaidOut = 1_500_000;

export function receive(state: ViewState, snapshot: Snapshot): ViewState {
  const { first, next } = snapshot.list;
  const before = state.snapshot;
  const restarted = before && (snapshot.capture !== before.capture || snapshot.cleared !== before.cleared);
  if (restarted) {
    const { selected: _, cursor: __, hidden: ___, detail: ____, ...rest } = state;
    return { ...rest, snapshot, mode: 'following', base: first, end: next, seen: next };
  }
  const oldest = Math.max(first, next - maxLaidOut);
  if (before && snapshot.list.id !== before.list.id) {
    const { cursor: _, hidden: __, ...rest } = state;
    return { ...rest, snapshot, base: oldest, end: next, seen: next };
  }
  if (state.mode === 'following') return { ...state, snapshot, base: oldest, end: next, seen: next };
  // What a new filter is still finding was there before: it isn't news, and also a paused list gets it.
  const isFinding = before?.list.progress !== undefined;
  const end = state.mode === 'paused' && !isFinding ? state.end : next;
  const base = end - state.base > maxLaidOut ? Math.min(oldest, end) : state.base;
  return { ...state, snapshot, base, end, ...(isFinding ? { seen: next } : {}) };
}

/** The user looks at something else than the newest rows: nothing may move from here on. */
export function leaveFollow(state: ViewState): ViewState {
  return state.mode === 'following' ? { ...state, mode: 'browsing', seen: state.end } : state;
}

export function follow(state: ViewState): ViewState {
  const { first = 0, next = 0 } = state.snapshot?.list ?? {};
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
  const base = Math.min(state.snapshot?.list.first ?? 0, top, state.end);
  return base > state.base ? { ...state, base } : state;
}

/** Puts the cursor on a row; `positionOf` knows of a row that has come which record it is. */
export function select(
  state: ViewState,
  index: number,
  positionOf: (index: number) => number | undefined,
): ViewState {
  if (state.end <= state.base) return state;
  const { first = 0 } = state.snapshot?.list ?? {};
  const cursor = Math.max(Math.min(first, state.base), Math.min(index, state.end - 1));
  const { selected: _, ...rest } = leaveFollow(state);
  const selected = positionOf(cursor);
  return { ...rest, cursor, ...(selected === undefined ? {} : { selected }) };
}

/** Selects a row from elsewhere, which a paused list may not have come to yet, and asks to bring it into view. */
export function reveal(state: ViewState, index: number, position: number): ViewState {
  const there = state.mode === 'paused' && index >= state.end ? follow(state) : state;
  const { hidden: _, ...selected } = select(there, index, () => position);
  return { ...selected, reveals: state.reveals + 1, sight: selected.cursor ?? 0 };
}

/** The selected record stands at this index of the list, or would stand there. Who looks around sees the place. */
export function place(state: ViewState, index: number, isThere: boolean): ViewState {
  const cursor = isThere ? { cursor: index } : {};
  if (state.mode === 'following') return { ...state, ...cursor };
  return { ...state, ...cursor, reveals: state.reveals + 1, sight: index };
}

/** What arrived since the user last looked at the end of the list. */
export function unseen(state: ViewState): number {
  return Math.max(0, (state.snapshot?.list.next ?? 0) - state.seen);
}
