// OData $filter as far as people write it for mail, events and people: text in, predicate out. Knows no entity.
import { badRequest, GraphError } from './graph-error.ts';

export type Entity = Record<string, unknown>;
export type Predicate = (entity: Entity) => boolean;

type Token = { kind: 'word' | 'text' | 'date' | 'number' | 'mark'; value: string };
type Literal = string | number | boolean | null | Date;
type Operand = (entity: Entity) => unknown;

const OPERATORS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const TOKEN =
  /\s*(?:('(?:[^']|'')*')|(\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?)|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w/.@-]*)|([(),:]))/y;

/** Throws a `GraphError` 400: `InefficientFilter` for contains(), else `BadRequest` with what could not be read. */
export function parseFilter(text: string, knownProperties: readonly string[]): Predicate {
  const parser = new FilterParser(tokenize(text), knownProperties);
  return parser.parse();
}

/** The value under a path such as `from/emailAddress/address`. */
export function valueAt(entity: unknown, path: string): unknown {
  let value: unknown = entity;
  for (const key of path.split('/')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Entity)[key];
  }
  return value;
}

class FilterParser {
  readonly #tokens: Token[];
  readonly #known: readonly string[];
  #position = 0;
  /** Names of lambda variables, which are roots of their own. */
  readonly #variables = new Map<string, { current: unknown }>();

  constructor(tokens: Token[], known: readonly string[]) {
    this.#tokens = tokens;
    this.#known = known;
  }

  parse(): Predicate {
    const predicate = this.#or();
    if (this.#peek()) throw syntaxError(`unexpected '${this.#peek()?.value}'`);
    return predicate;
  }

  #or(): Predicate {
    let left = this.#and();
    while (this.#takeWord('or')) {
      const [first, second] = [left, this.#and()];
      left = (entity) => first(entity) || second(entity);
    }
    return left;
  }

  #and(): Predicate {
    let left = this.#not();
    while (this.#takeWord('and')) {
      const [first, second] = [left, this.#not()];
      left = (entity) => first(entity) && second(entity);
    }
    return left;
  }

  #not(): Predicate {
    if (this.#takeWord('not')) {
      const inner = this.#not();
      return (entity) => !inner(entity);
    }
    if (this.#takeMark('(')) {
      const inner = this.#or();
      this.#expectMark(')');
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Predicate {
    const token = this.#take();
    if (token?.kind !== 'word') throw syntaxError(`a property name was expected, not '${token?.value ?? 'the end'}'`);
    const name = token.value;
    if (this.#peek()?.value === '(') {
      if (name === 'startswith' || name === 'endswith') return this.#textFunction(name);
      if (name.endsWith('/any')) return this.#any(name.slice(0, -'/any'.length));
      throw new GraphError(
        400,
        'InefficientFilter',
        'The restriction or sort order is too complex for this operation.',
      );
    }
    const operand = this.#property(name);
    const operator = this.#take()?.value ?? '';
    if (!OPERATORS.has(operator)) throw syntaxError(`'${operator}' is not an operator`);
    const literal = this.#literal();
    return (entity) => compare(operand(entity), operator, literal);
  }

  #textFunction(name: 'startswith' | 'endswith'): Predicate {
    this.#expectMark('(');
    const operand = this.#property(this.#take()?.value ?? '');
    this.#expectMark(',');
    const wanted = String(this.#literal()).toLowerCase();
    this.#expectMark(')');
    return (entity) => {
      const value = operand(entity);
      if (typeof value !== 'string') return false;
      return name === 'startswith' ? value.toLowerCase().startsWith(wanted) : value.toLowerCase().endsWith(wanted);
    };
  }

  /** `toRecipients/any(r: r/emailAddress/address eq 'x')` */
  #any(collection: string): Predicate {
    const operand = this.#property(collection);
    this.#expectMark('(');
    const variable = this.#take()?.value ?? '';
    this.#expectMark(':');
    const slot = { current: undefined as unknown };
    this.#variables.set(variable, slot);
    const inner = this.#or();
    this.#variables.delete(variable);
    this.#expectMark(')');
    return (entity) => {
      const values = operand(entity);
      return Array.isArray(values) && values.some((value) => ((slot.current = value), inner(entity)));
    };
  }

  #property(path: string): Operand {
    const [root = '', ...rest] = path.split('/');
    const slot = this.#variables.get(root);
    if (slot) return () => (rest.length ? valueAt(slot.current, rest.join('/')) : slot.current);
    if (!this.#known.includes(root)) throw badRequest(`Could not find a property named '${root}' on this type.`);
    return (entity) => valueAt(entity, path);
  }

  #literal(): Literal {
    const token = this.#take();
    if (!token) throw syntaxError('a value is missing at the end');
    if (token.kind === 'text') return token.value.slice(1, -1).replaceAll("''", "'");
    if (token.kind === 'number') return Number(token.value);
    if (token.kind === 'date') return new Date(token.value);
    if (token.value === 'true' || token.value === 'false') return token.value === 'true';
    if (token.value === 'null') return null;
    throw syntaxError(`'${token.value}' is not a value`);
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#position];
  }

  #take(): Token | undefined {
    return this.#tokens[this.#position++];
  }

  #takeWord(word: string): boolean {
    if (this.#peek()?.kind !== 'word' || this.#peek()?.value !== word) return false;
    this.#position++;
    return true;
  }

  #takeMark(mark: string): boolean {
    if (this.#peek()?.kind !== 'mark' || this.#peek()?.value !== mark) return false;
    this.#position++;
    return true;
  }

  #expectMark(mark: string): void {
    if (!this.#takeMark(mark)) throw syntaxError(`'${mark}' was expected, not '${this.#peek()?.value ?? 'the end'}'`);
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw syntaxError(`'${text.slice(start).trim()}' could not be read`);
    const [, quoted, date, number, word, mark] = match;
    if (quoted !== undefined) tokens.push({ kind: 'text', value: quoted });
    else if (date !== undefined) tokens.push({ kind: 'date', value: date });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else if (mark !== undefined) tokens.push({ kind: 'mark', value: mark });
  }
  return tokens;
}

function compare(value: unknown, operator: string, literal: Literal): boolean {
  if (value === undefined || value === null || literal === null) {
    const same = (value ?? null) === literal;
    return operator === 'eq' ? same : operator === 'ne' ? !same : false;
  }
  const order = orderOf(value, literal);
  if (order === undefined) return operator === 'ne';
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    default:
      return order <= 0;
  }
}

function orderOf(value: unknown, literal: Literal): number | undefined {
  if (literal instanceof Date) return new Date(String(value)).getTime() - literal.getTime();
  if (typeof literal === 'number' && typeof value === 'number') return value - literal;
  if (typeof literal === 'boolean' && typeof value === 'boolean') return Number(value) - Number(literal);
  if (typeof literal === 'string' && typeof value === 'string') {
    const [a, b] = [value.toLowerCase(), literal.toLowerCase()];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return undefined;
}

function syntaxError(detail: string): GraphError {
  return badRequest(`Invalid filter clause: ${detail}.`);
}
