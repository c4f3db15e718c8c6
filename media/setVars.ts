import { noChange } from 'lit';
import { Directive, directive, type ElementPart } from 'lit/directive.js';

/**
 * Sets custom properties of an element through the CSSOM. The page's content security policy has no
 * 'unsafe-inline': a style attribute, which is what lit's own styleMap writes first, would be dropped.
 */
class SetVars extends Directive {
  render(_values: Record<`--${string}`, string | number>) {
    return noChange;
  }

  override update(part: ElementPart, [values]: [Record<`--${string}`, string | number>]) {
    const { style } = part.element as HTMLElement;
    for (const [name, value] of Object.entries(values)) style.setProperty(name, String(value));
    return noChange;
  }
}

export const setVars = directive(SetVars);
