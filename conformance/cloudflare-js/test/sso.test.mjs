// SSO connectors: operations 18 to 23 of the contract, with a DNS server that the server under test asks.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newAccount, unique } from '../harness/account.mjs';
import { all, eventually, isID, isRecent, malformedIDs, refused, refusedRaw, unknownID } from '../harness/expect.mjs';
import { dns } from '../harness/server.mjs';
import { connect, raw } from '../harness/wire.mjs';

const newDomain = () => `${unique('corp')}.example.test`;

/** Waits for a connector to have a status. */
const reaches = (a, connector, status) =>
  eventually(`${connector.email_domain} to be ${status}`, () => a.cf.iam.sso.get(connector.id, a.in), (c) => c.verification.status === status);

/** A connector whose domain is verified. */
async function verified(a, email_domain = newDomain()) {
  const made = await a.cf.iam.sso.create({ ...a.in, email_domain, begin_verification: false });
  dns.publish(email_domain, made.verification.code);
  await a.cf.iam.sso.beginVerification(made.id, a.in);
  return reaches(a, made, 'verified');
}

test('the whole life of a connector', async () => {
  const a = await newAccount();
  const email_domain = newDomain();
  const { cf, sent } = connect({ token: a.owner.token });

  // awaiting
  const made = await cf.iam.sso.create({ ...a.in, email_domain, begin_verification: false, use_fedramp_language: true });
  isID(made.id);
  isRecent(made.created_on);
  isRecent(made.updated_on);
  assert.deepEqual([made.email_domain, made.enabled, made.use_fedramp_language], [email_domain, false, true]);
  assert.match(made.verification.code, /^cloudflare_dashboard_sso=[0-9]{9,12}$/);
  assert.equal(made.verification.status, 'awaiting');
  assert.deepEqual(await cf.iam.sso.get(made.id, a.in), made);
  assert.deepEqual(await all(cf.iam.sso.list(a.in)), [made]);
  await refused(cf.iam.sso.update(made.id, { ...a.in, enabled: true }), 400, 1002);
  assert.equal(dns.asked(email_domain), 0, 'nothing is looked up before the verification begins');

  // pending; a wrong record, and one for a subdomain, verify nothing
  dns.publish(email_domain, 'v=spf1 -all', made.verification.code.slice(0, -1), `${made.verification.code}0`);
  dns.publish(`_sso.${email_domain}`, made.verification.code);
  const begun = await cf.iam.sso.beginVerification(made.id, a.in);
  assert.deepEqual([begun.success, begun.errors, begun.messages], [true, [], []], 'the SDK gives the envelope itself');
  const pending = await cf.iam.sso.get(made.id, a.in);
  assert.equal(pending.verification.status, 'pending');
  assert.equal(pending.verification.code, made.verification.code, 'the code stays');
  await eventually('the server to ask for the record', () => dns.asked(email_domain), (n) => n > 0);
  assert.equal((await cf.iam.sso.beginVerification(made.id, a.in)).success, true, 'beginning twice is no error');
  assert.equal((await cf.iam.sso.get(made.id, a.in)).verification.status, 'pending');
  await refused(cf.iam.sso.update(made.id, { ...a.in, enabled: true }), 400, 1002);

  // verified; a long record comes in several strings
  const { code } = made.verification;
  dns.publish(email_domain, 'v=spf1 -all', [code.slice(0, 20), code.slice(20)]);
  const proved = await reaches(a, made, 'verified');
  assert.equal(proved.enabled, false);
  assert.equal((await cf.iam.sso.beginVerification(made.id, a.in)).success, true);
  assert.equal((await cf.iam.sso.get(made.id, a.in)).verification.status, 'verified');

  // enabled: no list, an object
  const enabled = await cf.iam.sso.update(made.id, { ...a.in, enabled: true });
  assert.deepEqual([enabled.id, enabled.enabled, enabled.verification.status], [made.id, true, 'verified']);
  assert.equal(enabled.use_fedramp_language, true, 'what is absent stays');
  await refused(cf.iam.sso.delete(made.id, a.in), 400, 1002);

  // disabled, and gone
  const disabled = await cf.iam.sso.update(made.id, { ...a.in, enabled: false, use_fedramp_language: false });
  assert.deepEqual([disabled.enabled, disabled.use_fedramp_language, disabled.verification.status], [false, false, 'verified']);
  assert.deepEqual(await cf.iam.sso.update(made.id, a.in), disabled, 'an empty object changes nothing');
  assert.deepEqual(await cf.iam.sso.delete(made.id, a.in), { id: made.id });
  await refused(cf.iam.sso.get(made.id, a.in), 404, 1003);
  assert.deepEqual(await all(cf.iam.sso.list(a.in)), []);
  assert.deepEqual(sent.filter((r) => r.status >= 500), []);
});

test('create without begin_verification, and with it, is pending', async () => {
  const a = await newAccount();
  const plain = await a.cf.iam.sso.create({ ...a.in, email_domain: newDomain() });
  assert.deepEqual([plain.verification.status, plain.enabled, plain.use_fedramp_language], ['pending', false, false]);
  const told = await a.cf.iam.sso.create({ ...a.in, email_domain: newDomain(), begin_verification: true });
  assert.equal(told.verification.status, 'pending');
  assert.notEqual(told.verification.code, plain.verification.code);
  assert.deepEqual(await all(a.cf.iam.sso.list(a.in)), [plain, told], 'in the order in which they were made');
});

test('a domain whose record is withdrawn later stays verified', async () => {
  const a = await newAccount();
  const connector = await verified(a);
  await a.cf.iam.sso.update(connector.id, { ...a.in, enabled: true });
  dns.withdraw(connector.email_domain);
  assert.equal((await a.cf.iam.sso.get(connector.id, a.in)).verification.status, 'verified');
});

test('a domain is enabled in one account at a time', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const email_domain = newDomain();
  const [first, second] = [
    await a.cf.iam.sso.create({ ...a.in, email_domain, begin_verification: false }),
    await b.cf.iam.sso.create({ ...b.in, email_domain, begin_verification: false }),
  ];
  dns.publish(email_domain, first.verification.code, second.verification.code);
  await a.cf.iam.sso.beginVerification(first.id, a.in);
  await b.cf.iam.sso.beginVerification(second.id, b.in);
  await reaches(a, first, 'verified');
  await reaches(b, second, 'verified');

  assert.equal((await a.cf.iam.sso.update(first.id, { ...a.in, enabled: true })).enabled, true);
  await refused(b.cf.iam.sso.update(second.id, { ...b.in, enabled: true }), 400, 1002);
  assert.equal((await b.cf.iam.sso.get(second.id, b.in)).enabled, false);
  await a.cf.iam.sso.update(first.id, { ...a.in, enabled: false });
  assert.equal((await b.cf.iam.sso.update(second.id, { ...b.in, enabled: true })).enabled, true);
  await refused(a.cf.iam.sso.update(first.id, { ...a.in, enabled: true }), 400, 1002);
});

test("another account's code proves nothing", async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const email_domain = newDomain();
  const mine = await a.cf.iam.sso.create({ ...a.in, email_domain, begin_verification: false });
  const theirs = await b.cf.iam.sso.create({ ...b.in, email_domain, begin_verification: false });
  dns.publish(email_domain, theirs.verification.code);
  await a.cf.iam.sso.beginVerification(mine.id, a.in);
  await eventually('the server to ask', () => dns.asked(email_domain), (n) => n > 0);
  await b.cf.iam.sso.beginVerification(theirs.id, b.in);
  await reaches(b, theirs, 'verified');
  assert.equal((await a.cf.iam.sso.get(mine.id, a.in)).verification.status, 'pending');
});

test('domains: letters become small, once in an account', async () => {
  const a = await newAccount();
  const email_domain = newDomain();
  const made = await a.cf.iam.sso.create({ ...a.in, email_domain: email_domain.toUpperCase(), begin_verification: false });
  assert.equal(made.email_domain, email_domain);
  await refused(a.cf.iam.sso.create({ ...a.in, email_domain }), 400, 1001);
  await refused(a.cf.iam.sso.create({ ...a.in, email_domain: email_domain.toUpperCase() }), 400, 1001);
  await a.cf.iam.sso.delete(made.id, a.in);
  const again = await a.cf.iam.sso.create({ ...a.in, email_domain, begin_verification: false });
  assert.notEqual(again.id, made.id);
});

test('domains that are refused', async () => {
  const a = await newAccount();
  for (const email_domain of [
    '', 'localhost', 'me@corp.example.test', 'corp example.test', ' corp.example.test', 'corp..example.test', '.example.test',
    'gmail.com', 'outlook.com', 'yahoo.com', 'school.edu', `${'x'.repeat(64)}.example.test`, `${'x.'.repeat(130)}test`, 7, undefined,
  ]) {
    const answer = await raw('POST', `/accounts/${a.id}/sso_connectors`, { token: a.owner.token, body: { email_domain } });
    assert.deepEqual([answer.status, answer.body.errors?.[0]?.code], [400, 1001], `${email_domain}: ${JSON.stringify(answer.body)}`);
  }
  assert.deepEqual(await all(a.cf.iam.sso.list(a.in)), []);
});

test('bodies that are wrong', async () => {
  const a = await newAccount();
  const path = `/accounts/${a.id}/sso_connectors`;
  const made = await a.cf.iam.sso.create({ ...a.in, email_domain: newDomain(), begin_verification: false });
  for (const body of ['not json', '[]', 'null']) {
    refusedRaw(await raw('POST', path, { token: a.owner.token, body }), 400, 1198);
    refusedRaw(await raw('PATCH', `${path}/${made.id}`, { token: a.owner.token, body }), 400, 1198);
  }
  for (const body of [{ enabled: 'yes' }, { use_fedramp_language: 1 }]) {
    refusedRaw(await raw('PATCH', `${path}/${made.id}`, { token: a.owner.token, body }), 400);
  }
  refusedRaw(await raw('PUT', `${path}/${made.id}`, { token: a.owner.token, body: {} }), 405, 7001);
  refusedRaw(await raw('GET', `${path}/${made.id}/begin_verification`, { token: a.owner.token }), 405, 7001);
  assert.deepEqual(await a.cf.iam.sso.get(made.id, a.in), made);
});

test('ids that nothing here has', async () => {
  const [a, b] = [await newAccount(), await newAccount()];
  const theirs = await b.cf.iam.sso.create({ ...b.in, email_domain: newDomain(), begin_verification: false });
  for (const id of [unknownID, theirs.id]) {
    await refused(a.cf.iam.sso.get(id, a.in), 404, 1003);
    await refused(a.cf.iam.sso.update(id, { ...a.in, enabled: false }), 404, 1003);
    await refused(a.cf.iam.sso.delete(id, a.in), 404, 1003);
    await refused(a.cf.iam.sso.beginVerification(id, a.in), 404, 1003);
  }
  for (const id of malformedIDs) {
    await refused(a.cf.iam.sso.get(id, a.in), 404, 7003);
    await refused(a.cf.iam.sso.beginVerification(id, a.in), 404, 7003);
  }
});
