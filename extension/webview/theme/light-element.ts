// A lit element without a shadow: the page's one style sheet and icon font reach into it.
import { LitElement } from 'lit';

export class LightElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
