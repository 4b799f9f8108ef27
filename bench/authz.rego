# Data: members has the groups of each principal, groups the statements of each group, allow and deny apart.
# The three tests of a statement are written out in both rules: as a function of their own they take half as long again.
package authz

default allow := false

allow if {
	some group in data.members[input.principal]
	some statement in data.groups[group].allow
	any_glob(statement.resources, input.resource)
	any_glob(statement.actions, input.action)
	holds(statement.kind, statement.value)
	not denied
}

denied if {
	some group in data.members[input.principal]
	some statement in data.groups[group].deny
	any_glob(statement.resources, input.resource)
	any_glob(statement.actions, input.action)
	holds(statement.kind, statement.value)
}

holds("always", _)

holds("source", value) if net.cidr_contains(value, input.source)

holds("env", value) if value == input.env

holds("before", value) if input.now < value
