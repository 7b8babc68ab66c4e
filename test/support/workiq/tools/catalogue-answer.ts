// How the catalogue's servers wrap their answers: escaped JSON in text blocks and a correlation id. Knows no tool.
import { encode } from '../wire/framing.ts';
import type { ContentBlock, ToolResult } from './tool.ts';
import type { ToolCall } from './tool-call.ts';

export function asText(call: ToolCall, value: unknown): ToolResult {
  return {
    content: [...blocks(encode(value, 'dotnet'), call.settings.textBlockChars), correlation(call)],
    isError: false,
  };
}

/** Some tools put a sentence into the text and the data into structuredContent. */
export function asStructured(sentence: string, data: unknown): ToolResult {
  return { content: [{ type: 'text', text: sentence }], structuredContent: { data }, isError: false };
}

export function asSentence(call: ToolCall, sentence: string): ToolResult {
  return { content: [{ type: 'text', text: sentence }, correlation(call)], isError: false };
}

export function asFailure(call: ToolCall, value: unknown): ToolResult {
  const text = typeof value === 'string' ? value : encode(value, 'dotnet');
  return { content: [{ type: 'text', text }, correlation(call)], isError: true };
}

function correlation(call: ToolCall): ContentBlock {
  return { type: 'text', text: `CorrelationId: ${call.requestId}` };
}

function blocks(text: string, size: number): ContentBlock[] {
  if (!size || text.length <= size) return [{ type: 'text', text }];
  const parts: ContentBlock[] = [];
  for (let start = 0; start < text.length; start += size)
    parts.push({ type: 'text', text: text.slice(start, start + size) });
  return parts;
}
