/** A plain text as an expression. Without `u` letters beyond ASCII keep to themselves: K isn't the Kelvin sign. */
export function textPattern(text: string, caseSensitive: boolean, flags = ''): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), caseSensitive ? flags : `i${flags}`);
}
