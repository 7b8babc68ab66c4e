// What a rule finds in an mcp.json, and how it is repaired; it knows places in the text and nothing of an editor.
import type { TextEdit } from 'vscode-languageserver';
import type { RuleCode, RuleSeverity } from './rule-codes.ts';

export interface Finding {
  code: RuleCode;
  /** Offsets in the text. */
  from: number;
  to: number;
  message: string;
  /** Where the severity of the code does not fit. */
  severity?: RuleSeverity;
  /** The text can go, or is out of date. */
  tag?: 'unnecessary' | 'deprecated';
  /** Made when somebody asks. The first is the preferred one. */
  fixes?: () => Fix[];
}

export interface Fix {
  title: string;
  edits: TextEdit[];
}
