// The limits of a field in words, before something wrong is typed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { limitText } from '../../extension/tool-form/limit-text.ts';
import type { ToolSchema } from '../../shared/tool-schema/tool-schema.ts';

describe('field limits', () => {
  for (const [schema, expected] of [
    [{}, undefined],
    [{ minLength: 1 }, undefined],
    [{ maxLength: 255 }, 'At most 255 characters.'],
    [{ minLength: 3, maxLength: 3 }, '3 characters.'],
    [{ minItems: 1, maxItems: 20 }, 'At most 20 items.'],
    [{ minItems: 2, maxItems: 5 }, '2 to 5 items.'],
    [{ minimum: 1, maximum: 100 }, '1 to 100.'],
    [{ minimum: -1 }, 'At least -1.'],
    [{ exclusiveMinimum: 0, multipleOf: 5 }, 'More than 0, in steps of 5.'],
    [{ maxItems: 20, description: 'Paths, at most 20.' }, undefined],
    [{ maxItems: 20, description: 'Since 2024.' }, 'At most 20 items.'],
  ] as const satisfies readonly (readonly [ToolSchema, string | undefined])[])
    test(`field limits - ${JSON.stringify(schema)}`, () => assert.equal(limitText(schema), expected));
});
