// Package client is the Go client of writ's native API. It has one method for each operation of the API, named as the
// operation is; the structs that go over the wire are those of package apitype.
//
//	c, err := client.New(client.Config{URL: "http://127.0.0.1:8480", Token: token})
//	answer, err := c.CreateGroup(ctx, apitype.CreateGroupRequest{Name: "auditors"})
//
// A call takes as long as its context lets it. A failure that the server reports is an *Error.
package client
