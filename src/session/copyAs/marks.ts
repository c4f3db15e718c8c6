import type { ConnectionSettings } from '../../config/connectionSettings.ts';
import { type Lookup, placeholderOf } from '../../config/substitute.ts';
import { variablesOf } from '../attemptRequest.ts';
import type { EnvPart, Template } from './template.ts';

/** A derived name that doesn't look like a credential's could be one that a shell lives by: PATH, HOME. */
const credentialName = /TOKEN|JWT|KEY|SECRET|PASS|COOKIE|AUTH|SIG/;

/**
 * What stands in a request for the values that no snippet may hold: marks of letters, digits and underscores, which
 * no encoding changes. So the request is made by the code that makes the real one, and is cut at its marks afterwards.
 */
export class Marks {
  /** In none of the texts that marks are put into. */
  readonly #stem: string;
  readonly #mark: RegExp;
  readonly #names: string[] = [];
  readonly #byKey = new Map<string, string>();

  constructor(settings: ConnectionSettings, lastEventId: string) {
    const texts = JSON.stringify([settings, lastEventId]).toLowerCase();
    let stem = 'qq';
    while (texts.includes(stem)) stem += 'q';
    this.#stem = stem;
    this.#mark = new RegExp(`${stem}(\\d+)_`);
    for (const variable of variablesOf(settings)) {
      // First, for theirs are the only names that are given.
      if (variable.kind === 'env') this.#add(placeholderOf(variable), variable.name);
    }
  }

  /** A variable of the settings: of the environment as it is called there, a secret by a name made of its own. */
  readonly lookup: Lookup = (variable) =>
    this.#byKey.get(placeholderOf(variable)) ?? this.#add(placeholderOf(variable), derived(variable.name));

  /** A credential that stands in the settings, or the token. */
  named(name: string): string {
    return this.#add(undefined, derived(name));
  }

  /** Whether a text is nothing but marks, alone, behind a scheme, or as cookies: there is no credential beside them. */
  areAllIn(text: string): boolean {
    const { source } = this.#mark;
    return new RegExp(`^(?:[A-Za-z-]+ +)?(?:(?:; *)?(?:[\\w.-]+=)?${source})+$`).test(text);
  }

  template(text: string, as: EnvPart['as']): Template {
    return text
      .split(this.#mark)
      .map((part, i) => (i % 2 === 0 ? part : { env: this.#names[Number(part)] ?? '', as }))
      .filter((part) => part !== '');
  }

  #add(key: string | undefined, wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#names.includes(name); i++) name = `${wanted}_${i}`;
    const mark = `${this.#stem}${this.#names.push(name) - 1}_`;
    if (key !== undefined) this.#byKey.set(key, mark);
    return mark;
  }
}

/** "api.example-key" -> "API_EXAMPLE_KEY" */
function derived(name: string): string {
  const upper = name.replace(/\W+/g, '_').toUpperCase();
  return /^[A-Z_]/.test(upper) && credentialName.test(upper) ? upper : `SECRET_${upper}`;
}
