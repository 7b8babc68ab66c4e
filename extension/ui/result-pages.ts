// Further pages of the lists in one shown result: which there are, the one that is being asked for, and what came of it.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { appendPage } from '../results/append-page.ts';
import type { Paging } from '../results/panel-messages.ts';
import { nextLinkOf, resultDocument } from '../results/result-document.ts';

/** Undefined where the page cannot be asked for; else asks for it. Never rejects. */
export type NextPage = (event: ToolResultEvent, link: string) => (() => Promise<ToolResultEvent>) | undefined;

export interface ResultPagesOptions {
  nextPage: NextPage;
  /** The result with the page in it. */
  onAppended: (event: ToolResultEvent) => void;
  onChanged: (paging: Paging) => void;
}

export interface ResultPages {
  /** Of the result that is shown. */
  of(event: ToolResultEvent): Paging;
  /** Of the list in the block of this number, from 0. */
  load(event: ToolResultEvent, block: number): Promise<void>;
  /** Another result is shown: what is under way is of no use. */
  forget(): void;
}

export function createResultPages({ nextPage, onAppended, onChanged }: ResultPagesOptions): ResultPages {
  let state: Omit<Paging, 'links'> = {};
  /** Of what is shown. */
  let shown = 0;

  const of = (event: ToolResultEvent): Paging => {
    const document = resultDocument(event);
    const links = document.blocks.flatMap((_, block) => nextLinkOf(document, block) ?? []);
    return { links: links.filter((link) => nextPage(event, link) !== undefined), ...state };
  };

  return {
    of,
    async load(event, block) {
      const link = nextLinkOf(resultDocument(event), block);
      const load = link === undefined ? undefined : nextPage(event, link);
      if (link === undefined || load === undefined || state.loading !== undefined) return;
      const asked = shown;
      state = { loading: link };
      onChanged(of(event));
      const appended = appendPage(event, link, await load());
      if (asked !== shown) return;
      state = appended.kind === 'failed' ? { failed: { link, problem: appended.problem } } : {};
      if (appended.kind === 'failed') onChanged(of(event));
      else onAppended(appended.event);
    },
    forget() {
      state = {};
      shown += 1;
    },
  };
}
