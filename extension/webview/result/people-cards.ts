// People as cards.
import { grid } from '@lit-labs/virtualizer/layouts/grid.js';
import { virtualize } from '@lit-labs/virtualizer/virtualize.js';
import { html, nothing, type TemplateResult } from 'lit';
import { cleanLine } from '../../results/clean-text.ts';
import type { Person } from '../../results/graph-items.ts';
import { personAddress, personName } from '../../results/item-text.ts';
import { fontUnit } from '../theme/font-unit.ts';
import { icon } from '../theme/icon.ts';
import { avatar } from './avatar.ts';
import { counted } from './filter-box.ts';
import { FilteredList } from './filtered-list.ts';
import { link } from './link.ts';
import './people-cards.css';

/** From here on only the cards in sight are drawn. */
const many = 60;

export class PeopleCards extends FilteredList<Person> {
  protected override searchText(person: Person): string {
    return [personName(person), personAddress(person), person.jobTitle, person.department, person.officeLocation].join(
      '\n',
    );
  }

  protected override render(): TemplateResult {
    const people = this.shown.map((index) => this.items[index]).filter((person) => person !== undefined);
    const unit = fontUnit();
    const size = { width: `${280 * unit}px`, height: `${118 * unit}px` } as const;
    return html`${this.head('organization', counted(this.items.length, 'person', 'people'), [])}
    ${
      people.length > many
        ? html`<div class="cards-virtual" role="list" aria-label="People">
            ${virtualize({ items: people, renderItem: card, layout: grid({ itemSize: size, gap: '10px', padding: '0 20px 20px' }) })}
          </div>`
        : html`<div class="cards" role="list" aria-label="People">${people.map(card)}</div>`
    }`;
  }
}

function card(person: Person): TemplateResult {
  const name = personName(person);
  const address = personAddress(person);
  const work = cleanLine([person.jobTitle, person.department].filter(Boolean).join(', '));
  const office = cleanLine(person.officeLocation ?? '');
  const phone = cleanLine(person.businessPhones?.find(Boolean) ?? person.mobilePhone ?? '');
  return html`<div class="card" role="listitem">
    ${avatar(name)}
    <div class="card-text">
      <div class="strong clip"><bdi title=${name}>${name}</bdi></div>
      ${work === '' ? nothing : html`<div class="clip muted"><bdi title=${work}>${work}</bdi></div>`}
      ${address === '' ? nothing : html`<div class="clip">${icon('mail')}${link(address, `mailto:${address}`)}</div>`}
      ${phone === '' ? nothing : html`<div class="clip">${icon('device-mobile')}${phone}</div>`}
      ${office === '' ? nothing : html`<div class="clip">${icon('location')}<bdi>${office}</bdi></div>`}
    </div>
  </div>`;
}

customElements.define('people-cards', PeopleCards);
