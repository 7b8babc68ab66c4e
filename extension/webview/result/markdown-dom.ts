// Draws markdown as elements of a fixed set, with nothing of it read as HTML; images are named and never fetched.
import MarkdownIt from 'markdown-it';
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { safeLink } from '../../results/safe-link.ts';
import { openLink } from './link.ts';

type Token = ReturnType<(typeof parser)['parse']>[number];

const tags: ReadonlySet<string> = new Set(
  'p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code strong em s table thead tbody tr th td hr br sup'.split(' '),
);
const maxLength = 400_000;

export interface MarkdownOptions {
  /** Follows a mark of a citation such as `[^1^]`. */
  onCitation?: (number: number) => void;
}

const parser = new MarkdownIt({ html: false, linkify: true, typographer: false, breaks: true, maxNesting: 30 });
parser.validateLink = (url) => safeLink(url) !== undefined;
parser.inline.ruler.before('link', 'citation', (state, silent) => {
  const match = /^\[\^(\d{1,3})\^\]/.exec(state.src.slice(state.pos, state.pos + 8));
  if (match === null) return false;
  if (!silent) state.push('citation', 'sup', 0).content = match[1] ?? '';
  state.pos += match[0].length;
  return true;
});

export function markdownDom(text: string, options: MarkdownOptions = {}): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const source = cleanBlock(text);
  draw(parser.parse(source.slice(0, maxLength), {}), fragment, options);
  if (source.length > maxLength) element('p', fragment).textContent = '… (cut)';
  return fragment;
}

function draw(tokens: readonly Token[], root: Node, options: MarkdownOptions): void {
  const parents: Node[] = [root];
  for (const token of tokens) {
    const parent = parents.at(-1) ?? root;
    if (token.nesting === 1) parents.push(token.hidden ? parent : open(token, parent));
    else if (token.nesting === -1) parents.pop();
    else if (token.type === 'inline') draw(token.children ?? [], parent, options);
    else leaf(token, parent, options);
  }
}

function open(token: Token, parent: Node): Node {
  if (token.tag === 'a') {
    const href = safeLink(String(token.attrGet('href') ?? ''));
    if (href === undefined) return parent;
    const anchor = element('a', parent);
    anchor.href = href;
    anchor.title = href;
    anchor.addEventListener('click', openLink);
    return anchor;
  }
  // A table that is wider than the page scrolls by itself.
  if (token.tag === 'table') {
    const frame = element('div', parent);
    frame.className = 'table-frame';
    return element('table', frame);
  }
  const node = tags.has(token.tag) ? element(token.tag, parent) : parent;
  const start = Number(token.attrGet('start') ?? 1);
  if (node instanceof HTMLOListElement && Number.isInteger(start)) node.start = start;
  return node;
}

function leaf(token: Token, parent: Node, { onCitation }: MarkdownOptions): void {
  switch (token.type) {
    case 'fence':
    case 'code_block':
      element('code', element('pre', parent)).textContent = token.content;
      return;
    case 'code_inline':
      element('code', parent).textContent = token.content;
      return;
    case 'softbreak':
    case 'hardbreak':
      element('br', parent);
      return;
    case 'hr':
      element('hr', parent);
      return;
    case 'image':
      parent.appendChild(document.createTextNode(`[${cleanLine(token.content) || 'image'}]`));
      return;
    case 'citation':
      citation(Number(token.content), parent, onCitation);
      return;
    default:
      parent.appendChild(document.createTextNode(token.content));
  }
}

function citation(number: number, parent: Node, onCitation: MarkdownOptions['onCitation']): void {
  const mark = element('sup', parent);
  if (onCitation === undefined) {
    mark.textContent = `[${number}]`;
    return;
  }
  const button = element('button', mark);
  button.type = 'button';
  button.className = 'citation link';
  button.textContent = String(number);
  button.setAttribute('aria-label', `Source ${number}`);
  button.addEventListener('click', () => onCitation(number));
}

function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, parent: Node): HTMLElementTagNameMap[Tag];
function element(tag: string, parent: Node): HTMLElement;
function element(tag: string, parent: Node): HTMLElement {
  return parent.appendChild(document.createElement(tag));
}
