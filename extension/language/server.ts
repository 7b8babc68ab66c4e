// The language server's entry: it offers no features yet and ends with its client.

process.stdin.on('end', () => process.exit(0)).resume();
