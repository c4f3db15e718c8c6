// The list's columns: how wide, which are shown, what the time column says, and the user's own one.
import { type ColumnsView, type HideableColumn, hideableColumns } from '../src/panelApi/protocol.ts';

/** Those with a width of their own: the number is as wide as its digits, the data takes what is left. */
export type SizedColumn = HideableColumn | 'path';

export const timeForms = ['local', 'sinceOpen', 'age'] as const;
export type TimeForm = (typeof timeForms)[number];

/** What is remembered of the columns. Widths in pixels, where they aren't the usual ones. */
export interface Columns extends ColumnsView {
  widths: Partial<Record<SizedColumn, number>>;
  time: TimeForm;
}

export const usualColumns: Columns = { hidden: [], path: '', widths: {}, time: 'local' };

export const usualWidths: Record<SizedColumn, number> = {
  time: 100,
  gap: 60,
  type: 124,
  id: 84,
  path: 120,
  size: 64,
};
export const leastWidth = 32;
export const mostWidth = 800;

export function widthOf({ widths }: Columns, column: SizedColumn): number {
  return widths[column] ?? usualWidths[column];
}

/** Undefined: the usual width. */
export function resized(columns: Columns, column: SizedColumn, width: number | undefined): Columns {
  const { [column]: _, ...others } = columns.widths;
  if (width === undefined) return { ...columns, widths: others };
  const kept = Math.round(Math.max(leastWidth, Math.min(mostWidth, width)));
  return { ...columns, widths: { ...others, [column]: kept } };
}

/** The widths as custom properties, 0 for what is hidden. */
export function widthVars(columns: Columns): Record<`--${string}`, string> {
  const sized = [...hideableColumns, 'path'] as const;
  return Object.fromEntries(
    sized.map((column) => {
      const isShown = column === 'path' ? columns.path !== '' : !columns.hidden.includes(column);
      return [`--${column}-width`, isShown ? `${widthOf(columns, column)}px` : '0px'];
    }),
  );
}

/** What an older version of the panel may have written. */
export function readColumns(raw: unknown): Columns {
  const from = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const { widths, hidden, path, time } = from;
  const sizes = Object.entries(typeof widths === 'object' && widths !== null ? widths : {}).filter(
    ([column, width]) => Object.hasOwn(usualWidths, column) && width >= leastWidth && width <= mostWidth,
  );
  return {
    widths: Object.fromEntries(sizes),
    hidden: hideableColumns.filter((column) => Array.isArray(hidden) && hidden.includes(column)),
    path: typeof path === 'string' ? path : '',
    time: timeForms.find((form) => form === time) ?? 'local',
  };
}
