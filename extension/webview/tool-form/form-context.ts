// What the parts of the form's page need to draw themselves and to report changes; it knows no host.
import type { FormPage } from '../../tool-form/form-page.ts';
import type { FormState } from '../../tool-form/form-state.ts';

export interface FormContext {
  readonly page: FormPage;
  /** While a tool runs, nothing can be changed. */
  readonly isLocked: boolean;
  change(edit: (state: FormState) => FormState): void;
  /** A change by typing: the text stays as it is until the input is left. */
  type(key: string, text: string, edit: (state: FormState) => FormState): void;
  leave(key: string): void;
  /** Shows the field as JSON until it is left. */
  holdAsJson(key: string): void;
  focusOn(id: string): void;
}

/** Id of the input for a key; ids must not hold spaces, since `aria-describedby` separates by them. */
export function inputId(key: string): string {
  return `input:${encodeURIComponent(key.toWellFormed())}`;
}

export function partId(key: string, part: 'label' | 'description' | 'problem' | 'note'): string {
  return `${part}:${encodeURIComponent(key.toWellFormed())}`;
}
