// What tests of every vendor's API say about answers.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Calls until what it gives is accepted, for at most so many seconds. Gives that. */
export async function eventually(what, call, accepted, seconds = 30) {
  let last;
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await sleep(100)) {
    last = await call();
    if (accepted(last)) {
      return last;
    }
  }
  return assert.fail(`waited ${seconds} seconds in vain for ${what}; last came ${inspect(last)}`);
}

/** A time: RFC 3339, UTC with Z, and within a minute of now. */
export function isRecent(time) {
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, `${time} is no time in UTC`);
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, `${time} is not now`);
}

/** The order of texts that lists are sorted by. */
export const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
