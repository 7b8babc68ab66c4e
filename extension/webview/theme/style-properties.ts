// Sets style properties from a template: one by one, since the page's policy forbids the style attribute.
import { noChange } from 'lit';
import { Directive, directive, PartType, type ElementPart, type PartInfo } from 'lit/directive.js';

/** Lit knows what it is; a template only passes it on. */
export type Styled = object;

class StyleProperties extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('To be used as an element part: <div ${styled({ … })}>');
  }

  render(_properties: Readonly<Record<string, string>>): unknown {
    return noChange;
  }

  override update({ element }: ElementPart, [properties]: [Readonly<Record<string, string>>]): unknown {
    const { style } = element as HTMLElement;
    for (const [name, value] of Object.entries(properties)) {
      if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
    return noChange;
  }
}

/** Names as in CSS; a property that is no longer given stays as it was. */
export const styled: (properties: Readonly<Record<string, string>>) => Styled = directive(StyleProperties);
