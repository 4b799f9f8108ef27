// Sessions of users, which are JWTs, and their second factors (contract, section 4.10).

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { answers, answersInvalid, denied, invalid, isID, isRecent, malformedIDs, missing, refused, unknownID } from '../harness/expect.mjs';
import { newOrganization } from '../harness/organization.mjs';
import { connect, native } from '../harness/wire.mjs';

/** Opens a session for the bearer of a client, and gives it with a client of its own. */
async function session(o, iam, userId) {
  const { jwt, token, renewToken } = await iam.createJWT({ userId, referrer: 'https://console.example.test' });
  return { jwt, token, renewToken, ...connect({ session: token, organization: o.id }) };
}

test('the whole life of a session', async () => {
  const o = await newOrganization();
  const { jwt, token, renewToken, iam } = await session(o, o.iam, o.owner.id);
  isID(jwt.jti);
  isRecent(jwt.createdAt);
  isRecent(jwt.updatedAt);
  assert.deepEqual([jwt.audienceId, jwt.ip], [o.owner.id, '127.0.0.1']);
  assert.match(jwt.userAgent, /^scaleway-sdk-js\//);
  assert.ok(jwt.expiresAt > Date.now());
  assert.equal(token.split('.').length, 3);
  assert.ok(renewToken !== '' && renewToken !== token);

  const group = await iam.createGroup({ name: 'by a session', description: '' });
  assert.deepEqual((await iam.listGroups()).groups, [group]);
  assert.deepEqual(await iam.getJWT({ jti: jwt.jti }), jwt);
  assert.deepEqual((await iam.listJWTs({ audienceId: o.owner.id })).jwts, [jwt]);

  assert.equal(await iam.deleteJWT({ jti: jwt.jti }), undefined);
  await refused(iam.listGroups(), 'DeniedAuthenticationError', { method: 'jwt' });
  await missing(o.iam.getJWT({ jti: jwt.jti }), 'jwt', jwt.jti);
});

test('a list of sessions is for sessions', async () => {
  const o = await newOrganization();
  const first = await session(o, o.iam, o.owner.id);
  const second = await session(o, o.iam, o.owner.id);
  const audienceId = o.owner.id;
  const list = async (query) => (await first.iam.listJWTs({ audienceId, ...query }).all()).map((j) => j.jti);
  assert.deepEqual(await list(), [first.jwt.jti, second.jwt.jti]);
  assert.deepEqual(await list({ pageSize: 1 }), [first.jwt.jti, second.jwt.jti]);
  assert.deepEqual(await list({ orderBy: 'created_at_desc' }), [second.jwt.jti, first.jwt.jti]);
  assert.deepEqual(await list({ expired: true }), []);
  assert.deepEqual(await list({ expired: false }), [first.jwt.jti, second.jwt.jti]);
  await refused(o.iam.listJWTs({ audienceId }), 'PermissionsDeniedError', { list: [{ action: 'list', resource: 'self_jwt' }] });
  const answer = await o.raw('GET', '/jwts', { token: '', headers: { 'x-session-token': first.token } });
  answersInvalid(answer, 'audience_id', 'required');
});

test('sessions that are not there, and those of others', async () => {
  const [o, other] = [await newOrganization(), await newOrganization()];
  const theirs = await session(other, other.iam, other.owner.id);
  for (const jti of [unknownID, theirs.jwt.jti]) {
    await missing(o.iam.getJWT({ jti }), 'jwt', jti);
    await missing(o.iam.deleteJWT({ jti }), 'jwt', jti);
  }
  for (const jti of malformedIDs) {
    await invalid(o.iam.getJWT({ jti }), 'jti', 'format');
  }
  const { id: userId } = await o.member();
  await refused(o.iam.createJWT({ userId, referrer: '' }), 'PermissionsDeniedError');
  const { iam } = await o.actor(o.rule('IAMGroupManager'));
  await denied(iam.createJWT({ userId, referrer: '' }), 'create', 'jwt');
  await theirs.iam.listGroups();
});

test('with a locked member end the member\'s sessions', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member();
  await o.policy({ userId }, [o.rule('IAMManager')]);
  const key = await o.iam.createAPIKey({ userId, description: '' });
  const { iam } = await session(o, o.as(key).iam, userId);
  await iam.listGroups();
  await o.iam.lockUser({ userId });
  await assert.rejects(iam.listGroups(), (error) => [401, 403].includes(error.status));
});

/** Signs a member in, in the native API: this one has no call for it. */
function signIn(o, login, password, more = {}, status = 200) {
  return native('POST', '/auth/sign-in', { body: { organization: o.id, login, password, ...more }, status });
}

test('a member signs in with the password that was set here', async () => {
  const o = await newOrganization();
  const { id: userId, lastLoginAt } = await o.member('ada', { password: 'Correct-Horse-7' });
  assert.equal(lastLoginAt, undefined);
  await o.policy({ userId }, [o.rule('IAMReadOnly')]);
  await signIn(o, 'ada', 'Correct-Horse-8', {}, 401);
  const { token } = await signIn(o, 'ada', 'Correct-Horse-7');
  const { iam } = connect({ session: token, organization: o.id });
  assert.deepEqual((await iam.listGroups()).groups, []);
  assert.equal((await iam.listJWTs({ audienceId: userId })).totalCount, 1);
  isRecent((await o.iam.getUser({ userId })).lastLoginAt);

  await o.iam.updateUserUsername({ userId, username: 'lovelace' });
  await o.iam.updateUserPassword({ userId, password: 'Another-Horse-8' });
  await signIn(o, 'lovelace', 'Correct-Horse-7', {}, 401);
  await signIn(o, 'lovelace', 'Another-Horse-8');
  await o.iam.lockUser({ userId });
  await signIn(o, 'lovelace', 'Another-Horse-8', {}, 401);
});

/** The one-time password of a generator now (RFC 6238). */
function oneTimePassword(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/=+$/, '')].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const sum = createHmac('sha1', key).update(counter).digest();
  return String((sum.readUInt32BE(sum[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('one-time passwords of a member', async () => {
  const o = await newOrganization();
  const { id: userId, username } = await o.member();
  const { iam } = o;
  const mfa = async () => {
    const user = await iam.getUser({ userId });
    assert.equal(user.twoFactorEnabled, user.mfa);
    return user.mfa;
  };
  const { secret } = await iam.createUserMFAOTP({ userId });
  assert.match(secret, /^[A-Z2-7]+=*$/);
  assert.equal(await mfa(), false, 'it is not confirmed yet');
  await invalid(iam.validateUserMFAOTP({ userId, oneTimePassword: 'abc' }), 'one_time_password', 'format');
  const wrong = String((Number(oneTimePassword(secret)) + 1) % 1_000_000).padStart(6, '0');
  await assert.rejects(iam.validateUserMFAOTP({ userId, oneTimePassword: wrong }), (error) => error.status >= 400 && error.status < 500);
  const { recoveryCodes } = await iam.validateUserMFAOTP({ userId, oneTimePassword: oneTimePassword(secret) });
  assert.ok(recoveryCodes.length > 0 && new Set(recoveryCodes).size === recoveryCodes.length);
  assert.equal(await mfa(), true);
  assert.equal((await signIn(o, username, 'Correct-Horse-7')).status, 'second_factor_required');
  const recovered = await signIn(o, username, 'Correct-Horse-7', { one_time_password: recoveryCodes[0] });
  assert.equal(recovered.status, 'signed_in');
  assert.deepEqual((await iam.listUsers({ mfa: true })).users.map((u) => u.id), [userId]);
  assert.equal(await iam.deleteUserMFAOTP({ userId }), undefined);
  assert.equal(await mfa(), false);
  await refused(iam.deleteUserMFAOTP({ userId }), 'ResourceNotFoundError', { resourceId: userId });
  await missing(iam.deleteUserMFAOTP({ userId: unknownID }), 'user', unknownID);

  const manager = await o.actor(o.rule('IAMUserManager'));
  await denied(manager.iam.createUserMFAOTP({ userId }), 'write', 'user');
  await denied(manager.iam.validateUserMFAOTP({ userId, oneTimePassword: '123456' }), 'write', 'user');
});

test('grace periods: what a member has yet to do', async () => {
  const o = await newOrganization();
  const { id: userId } = await o.member();
  assert.ok(Array.isArray((await o.iam.listGracePeriods({ userId })).gracePeriods));
  answers(await o.raw('GET', `/grace-periods?user_id=${userId}`), 200, { total_count: undefined });
  await missing(o.iam.listGracePeriods({ userId: unknownID }), 'user', unknownID);
  await invalid(o.iam.listGracePeriods({ userId: 'abc' }), 'user_id', 'format');
});
