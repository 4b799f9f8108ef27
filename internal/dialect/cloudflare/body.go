package cloudflare

import (
	"errors"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// body reads a JSON object into v. Members that v does not know are ignored (section 14).
func (c *call) body(v any) error { return undecodable(c.Decode(v, "{", false)) }

// undecodable gives a body that is no JSON of the right kind its own code, or says that it is none; what is wrong inside has a place,
// and the area's.
func undecodable(err error) error {
	e, ok := errors.AsType[*iam.Error](err)
	if !ok || e.Code != iam.Invalid || e.Field != "" && e.Field != "Content-Type" && !errors.Is(err, jsontext.ErrDuplicateName) {
		return err
	}
	return &fault{status: http.StatusBadRequest, code: 1198, message: "Request body could not be decoded: " + control.PublicMessage(e), err: err}
}
