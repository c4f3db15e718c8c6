import * as v from 'valibot';

/**
 * The name of a kind, as `kind` of its faults: with its title in lists and what it does, which forms and scenario
 * files show.
 */
export function named<const N extends string>(name: N, title: string, does: string) {
  return v.pipe(v.literal(name), v.title(title), v.description(does));
}
