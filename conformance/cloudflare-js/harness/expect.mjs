// What tests say about answers.

import assert from 'node:assert/strict';
import { inspect } from 'node:util';

export { byText, eventually, isRecent } from '../../js-harness/expect.mjs';

const classes = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  405: 'APIError',
  409: 'ConflictError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
};

/**
 * The call of an SDK is refused with this status, and with this code in its first error unless code is undefined. Gives the
 * first error of the answer.
 */
export async function refused(call, status, code) {
  let result;
  try {
    result = await call;
  } catch (error) {
    if (error.status === undefined) {
      throw error; // it never came to an answer
    }
    const got = { status: error.status, class: error.constructor.name, code: error.errors[0]?.code };
    const want = { status, class: classes[status], code: code ?? got.code };
    assert.deepEqual(got, want, `the answer was ${error.message}`);
    return error.errors[0];
  }
  return assert.fail(`want ${status} with code ${code}; the call succeeded with ${inspect(result, { depth: 3 })}`);
}

/** A plain answer is refused like that. */
export function refusedRaw(answer, status, code) {
  const first = answer.body?.errors?.[0];
  const want = { status, code: code ?? first?.code };
  assert.deepEqual({ status: answer.status, code: first?.code }, want, `the answer was ${JSON.stringify(answer.body)}`);
  return first;
}

/** Collects an auto-paged list. A list that does not end within 1000 items never does. */
export async function all(list) {
  const items = [];
  for await (const item of list) {
    items.push(item);
    assert.ok(items.length <= 1000, `the list does not end; the last items are ${inspect(items.slice(-3))}`);
  }
  return items;
}

/** An id: 32 lower-case hexadecimal digits. */
export function isID(id) {
  assert.match(id, /^[0-9a-f]{32}$/, `${id} is no id`);
}

/** Well-formed ids that nothing has, and ids that nothing can have. */
export const unknownID = '0123456789abcdef0123456789abcdef';
export const malformedIDs = ['abc', '0123456789abcdef0123456789abcde', '0123456789abcdef0123456789abcdef0', '0123456789abcdef0123456789abcdeg'];
