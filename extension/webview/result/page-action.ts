// How any part of the page asks the extension for something, without knowing the line to it.
import type { FromResultPage } from '../../results/panel-messages.ts';

const name = 'page-action';

export function act(from: EventTarget, message: FromResultPage): void {
  from.dispatchEvent(new CustomEvent<FromResultPage>(name, { detail: message, bubbles: true }));
}

export function onAction(root: EventTarget, handle: (message: FromResultPage) => void): void {
  root.addEventListener(name, (event) => handle((event as CustomEvent<FromResultPage>).detail));
}
