// The language server's entry: one process, which ends with its client. It speaks over what its arguments name (`--stdio`, `--node-ipc`).
import { createConnection } from 'vscode-languageserver/node';
import { serve } from './serve.ts';

serve(createConnection());
