// The language server's entry: answers the life-cycle messages of the protocol and offers no features yet.
import { createInterface } from 'node:readline';

createInterface({ input: process.stdin }).on('close', () => process.exit(0));
