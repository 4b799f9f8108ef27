// Accounts and the people in them. Every test works in an account of its own, made through the native platform API, so that
// no test sees what another does.

import { makeOrganization, makePerson, unique } from '../../js-harness/native.mjs';
import { server } from './server.mjs';
import { connect, native } from './wire.mjs';

export { unique };

/** The native spelling of an id, and Cloudflare's. */
export const uuid = (id) => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
export const hex = (id) => id.replaceAll('-', '');

/** Makes an account whose owner is somebody new. */
export async function newAccount() {
  const { id, owner } = await makeOrganization(server, 'Account');
  return new Account(hex(id), { ...owner, id: hex(owner.id) });
}

/** Makes a person of the installation, who is a member of no account yet. */
export const newPerson = (name, email) => makePerson(server, name, email);

class Account {
  constructor(id, owner) {
    this.id = id;
    this.owner = owner;
    /** What every method of the SDK wants. */
    this.in = { account_id: id };
    /** The resource that is the account. */
    this.key = `com.cloudflare.api.account.${id}`;
    Object.assign(this, connect({ token: owner.token }));
  }

  /** Calls the native API as the owner. */
  native(method, path, options) {
    return native(method, path, { token: this.owner.token, ...options });
  }

  /** A permission group of members, by its label. */
  async role(label) {
    const page = await this.cf.iam.permissionGroups.list({ ...this.in, label });
    if (page.result.length !== 1) {
      throw new Error(`there are ${page.result.length} permission groups with the label ${label}`);
    }
    return page.result[0];
  }

  /** The predefined resource group: the whole account. */
  async whole() {
    const page = await this.cf.iam.resourceGroups.list(this.in);
    return page.result[0];
  }

  /** A resource group of zones. */
  zones(...ids) {
    const objects = ids.map((id) => ({ key: `com.cloudflare.api.account.zone.${id}` }));
    return this.cf.iam.resourceGroups.create({ ...this.in, name: unique('zones'), scope: { key: this.key, objects } });
  }

  /** A policy of user groups and members: a permission group on the whole account, or on a resource group. */
  async policy(label, { on, access = 'allow' } = {}) {
    const [role, place] = await Promise.all([this.role(label), on ?? this.whole()]);
    return { access, permission_groups: [{ id: role.id }], resource_groups: [{ id: place.id }] };
  }

  group(name = unique('group'), policies) {
    return this.cf.iam.userGroups.create({ ...this.in, name, ...(policies ? { policies } : {}) });
  }

  /** Invites an address that nobody has; the member stays pending. */
  async invite(email = `${unique('invited')}@people.example`) {
    const role = await this.role('analytics');
    return this.cf.accounts.members.create({ ...this.in, email, roles: [role.id] });
  }

  /** Makes a person a member. By default their one policy lets them see analytics, which is nothing here. */
  async member({ person, policies } = {}) {
    const { email } = person ?? (await newPerson());
    return this.cf.accounts.members.create({ ...this.in, email, policies: policies ?? [await this.policy('analytics')] });
  }

  /** A secret of a member, for both APIs: a bearer token, and a key beside their address. */
  async secret(member) {
    const made = await this.native('POST', `/iam/users/${uuid(member.id)}/credentials`, {
      body: { name: unique('key') },
      status: 201,
    });
    return made.secret_access_key;
  }

  /** A client of a member. */
  async as(member) {
    return connect({ token: await this.secret(member) });
  }

  /** Permission groups of tokens, by their names. */
  async permissions(...names) {
    const list = await this.cf.accounts.tokens.permissionGroups.get(this.in);
    return names.map((name) => {
      const found = list.filter((group) => group.name === name);
      if (found.length !== 1) {
        throw new Error(`there are ${found.length} permission groups of tokens with the name ${name}`);
      }
      return { id: found[0].id };
    });
  }

  /** The policies of a token that may do these on the whole account. */
  async tokenPolicies(...names) {
    return [{ effect: 'allow', permission_groups: await this.permissions(...names), resources: { [this.key]: '*' } }];
  }

  /** Makes an account token that may do these, and a client with it. */
  async token(names, more = {}) {
    const policies = await this.tokenPolicies(...names);
    const token = await this.cf.accounts.tokens.create({ ...this.in, name: unique('token'), policies, ...more });
    return { token, ...connect({ token: token.value }) };
  }
}
