// What every list with a filter has in common: which items are shown, and the line above them.
import type { nothing, PropertyValues, TemplateResult } from 'lit';
import { LightElement } from '../theme/light-element.ts';
import type { TimeText } from '../../results/time-text.ts';
import { filterFrom, listHead } from './filter-box.ts';

const typingPauseMs = 120;

export abstract class FilteredList<Item> extends LightElement {
  static override properties = {
    items: { attribute: false },
    more: { attribute: false },
    times: { attribute: false },
    filter: { state: true },
    shown: { state: true },
  };

  declare items: readonly Item[];
  /** The server has further ones. */
  declare more: boolean;
  declare times: TimeText;
  declare filter: string;
  /** Indexes into `items`. */
  declare shown: readonly number[];

  #pause: ReturnType<typeof setTimeout> | undefined;
  #searched: (string | undefined)[] = [];

  constructor() {
    super();
    this.items = [];
    this.more = false;
    this.filter = '';
    this.shown = [];
  }

  /** In lower case, what the filter looks in. */
  protected abstract searchText(item: Item): string;

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('items')) {
      this.#searched = [];
      this.filter = '';
    }
    if (changed.has('items') || changed.has('filter')) this.shown = this.#matching();
  }

  protected item(row: number): Item | undefined {
    return this.items[this.shown[row] ?? -1];
  }

  protected head(iconName: string, title: string, details: readonly string[]): TemplateResult | typeof nothing {
    const { items, shown, filter, more } = this;
    return listHead({
      iconName,
      title,
      details: filter === '' ? details : [`${shown.length.toLocaleString('en')} shown`],
      more,
      filter,
      onFilter: items.length < filterFrom ? undefined : this.#onFilter,
    });
  }

  #matching(): number[] {
    const wanted = this.filter.trim().toLowerCase();
    const all = this.items.map((_, index) => index);
    if (wanted === '') return all;
    return all.filter((index) => {
      const item = this.items[index];
      if (item === undefined) return false;
      this.#searched[index] ??= this.searchText(item).toLowerCase();
      return this.#searched[index].includes(wanted);
    });
  }

  readonly #onFilter = (text: string): void => {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.filter = text;
    }, typingPauseMs);
  };
}
