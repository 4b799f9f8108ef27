package api_test

const apiTokens = "/v1/iam/api-tokens"

var tokenCatalogue = []operation{
	{name: "listAPITokens", kind: "list", call: "GET " + apiTokens, on: "api-token:*", shape: linked("api_tokens", anAPIToken)},
	{name: "createAPIToken", kind: "create token", call: "POST " + apiTokens, on: "api-token:*", body: `{"name":"second","expires_at":"2027-06-01T00:00:00Z"}`,
		shape: object(fields{"api_token": anAPIToken, "secret_access_key": aSecret, "revision": aNumber}),
		event: "iam.api_token.create", about: ":api_token.id", called: "second", bad: credentialing},
	{name: "getAPIToken", kind: "get", call: "GET " + apiTokens + "/{api_token}", on: "api-token:{api_token}", shape: one("api_token", anAPIToken),
		bad: []refusal{{why: "another credential's id", call: "GET " + apiTokens + "/{credential}", status: 404}}},
	{name: "updateAPIToken", kind: "update account", call: "PATCH " + apiTokens + "/{api_token}", on: "api-token:{api_token}", body: limitsBody,
		shape: wrote("api_token", aLimitedAPIToken), event: "iam.api_token.update", about: "{api_token}", called: "terraform", bad: limiting},
	{name: "rollAPIToken", kind: "roll", call: "POST " + apiTokens + "/{api_token}/roll", on: "api-token:{api_token}",
		shape: object(fields{"api_token": aRenamedAPIToken, "secret_access_key": aSecret, "revision": aNumber}),
		event: "iam.api_token.roll", about: "{api_token}", called: "terraform"},
	{name: "deleteAPIToken", kind: "delete", call: "DELETE " + apiTokens + "/{api_token}", on: "api-token:{api_token}", event: "iam.api_token.delete",
		about: "{api_token}", called: "terraform",
		bad: []refusal{{why: "another credential's id", call: "DELETE " + apiTokens + "/{credential}", status: 404}}},
	{name: "verifyToken", kind: "open to all", call: "GET /v1/iam/token", on: "api-token:*", shape: aTokenStatus},
}
