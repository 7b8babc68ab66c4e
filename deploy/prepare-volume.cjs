// Run by the init container before the agent: makes the folder for secrets on the volume, its owner's alone, and narrows what a
// restored backup or a storage driver left open. It needs no right beyond those of the agent's own user and knows no secret.
'use strict';
const { chmodSync, lstatSync, mkdirSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

/** sysexits.h EX_CONFIG, as the agent has it. */
const configurationExit = 78;
const volume = process.env.Agent__DataDir || '/data/agent';
const uid = process.getuid();

/** Ends the start with what has to be mended; a pod shows it as the message of the init container. */
function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(configurationExit);
}

/** Only the owner may change a mode, so that of others is not touched, but told. */
function narrow(path, mode) {
  const found = lstatSync(path);
  if (found.isSymbolicLink())
    stop(`${path} is a symbolic link: the secrets have to lie on the volume itself. Remove it.`);
  if (found.uid !== uid)
    stop(
      `${path} belongs to uid ${found.uid} and the agent runs as ${uid}: give it to ${uid} (chown -R), or run the pod as ${found.uid}.`,
    );
  // The bits of set-uid and set-gid, which a volume hands down to its folders, count as well.
  if ((found.mode & 0o7777) !== mode) chmodSync(path, mode);
}

const secrets = join(volume, 'secrets');
try {
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  narrow(secrets, 0o700);
  for (const entry of readdirSync(secrets, { withFileTypes: true })) {
    if (entry.isDirectory()) narrow(join(secrets, entry.name), 0o700);
    else narrow(join(secrets, entry.name), 0o600);
  }
} catch (error) {
  const repairs = {
    EACCES: `the pod runs as uid ${uid}, which may not write there: set fsGroup, or give the volume to ${uid}`,
    EROFS: 'the volume is mounted read-only',
    ENOSPC: 'the volume is full: make it larger, or remove old files of audit/ and patrols/',
    EDQUOT: 'the quota of the volume is used up',
  };
  stop(
    `${secrets} cannot be prepared (${error.code || error.message}): ${repairs[error.code] || 'look at the volume'}.`,
  );
}
