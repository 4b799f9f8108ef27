// What tests say about answers.

import assert from 'node:assert/strict';
import { inspect } from 'node:util';

import { Errors } from '@scaleway/sdk-client';

export { byText, eventually } from '../../js-harness/expect.mjs';

const statuses = {
  InvalidArgumentsError: 400,
  DeniedAuthenticationError: 401,
  PermissionsDeniedError: 403,
  QuotasExceededError: 403,
  ResourceNotFoundError: 404,
  AlreadyExistsError: 409,
  PreconditionFailedError: 412,
  TooManyRequestsError: 429,
};

/**
 * The call of the SDK is refused with an error of this class, which has these members. Gives the error.
 */
export async function refused(call, name, members = {}) {
  let result;
  try {
    result = await call;
  } catch (error) {
    const got = Object.fromEntries(Object.keys(members).map((member) => [member, error[member]]));
    assert.deepEqual([error.name, error.status, got], [name, statuses[name], members], `the error was ${error.stack}`);
    assert.ok(error instanceof Errors[name] && error instanceof Errors.ScalewayError, 'the error is of another class');
    return error;
  }
  return assert.fail(`want ${name}; the call succeeded with ${inspect(result, { depth: 3 })}`);
}

/** The call is refused for one argument, by its path, and for a reason. */
export async function invalid(call, argumentName, reason) {
  const { details } = await refused(call, 'InvalidArgumentsError');
  assert.deepEqual(details.map((d) => [d.argumentName, d.reason]), [[argumentName, reason]], inspect(details));
}

/** The caller may not do this to such a resource. */
export const denied = (call, action, resource) => refused(call, 'PermissionsDeniedError', { list: [{ action, resource }] });

/** There is no such thing. */
export const missing = (call, resource, resourceId) => refused(call, 'ResourceNotFoundError', { resource, resourceId });

/** A plain answer has this status, and in its body these members. */
export function answers(answer, status, members = {}) {
  const got = Object.fromEntries(Object.keys(members).map((member) => [member, answer.body?.[member]]));
  assert.deepEqual([answer.status, got], [status, members], `the answer was ${inspect(answer.body, { depth: 5 })}`);
}

/** A plain answer says that one argument is wrong. */
export function answersInvalid(answer, argumentName, reason) {
  answers(answer, 400, { type: 'invalid_arguments' });
  const got = answer.body.details.map((d) => [d.argument_name, d.reason]);
  assert.deepEqual(got, [[argumentName, reason]], inspect(answer.body.details));
}

/** An id: a UUID in lower case. */
export function isID(id) {
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, `${id} is no id`);
}

/** A time, as the SDK gives it, within a minute of now. */
export function isRecent(time) {
  assert.ok(time instanceof Date && Math.abs(time - Date.now()) < 60_000, `${time} is not now`);
}

/** A well-formed id that nothing has, and ids that nothing can have. */
export const unknownID = '01234567-89ab-4def-8123-456789abcdef';
export const malformedIDs = ['abc', '01234567-89ab-4def-8123-456789abcde', '01234567-89ab-4def-8123-456789abcdeg', '0123456789ab4def8123456789abcdef'];
