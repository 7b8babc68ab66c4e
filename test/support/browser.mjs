#!/usr/bin/env node
// A browser for ROCKBOT_BROWSER: takes the address as its only argument and signs in at the simulator's pages as told by
// BROWSER_USER and BROWSER_DECISION; without a user it is a browser that nobody uses.
import { appendFileSync, readFileSync } from 'node:fs';
import { signInByHttp } from './entra/sign-in-by-http.ts';

const [url = '', ...rest] = process.argv.slice(2);
const {
  BROWSER_USER: user,
  BROWSER_DECISION: decision = 'accept',
  BROWSER_LOG: log,
  WorkIQ__CaFile: caFile,
} = process.env;
if (log) appendFileSync(log, `${JSON.stringify({ url, rest })}\n`);
if (user) {
  const outcome = await signInByHttp({ url, user, decision, caPem: readFileSync(caFile ?? '', 'utf8') });
  if (log) appendFileSync(log, `${JSON.stringify(outcome)}\n`);
}
