package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const (
	catalog      = "/v1/catalog"
	catalogFiles = "/v1/catalog/files"
)

// raw is a body that is sent byte for byte.
type raw []byte

// GetCatalog gives all of the catalogue that is in force, as one file.
func (c *Client) GetCatalog(ctx context.Context) ([]byte, error) {
	_, body, err := c.send(ctx, "GET", catalog, nil)
	return body, err
}

// ListCatalogFiles gives all files that operators added to the catalogue. For operators.
func (c *Client) ListCatalogFiles(ctx context.Context) (*apitype.CatalogFileList, error) {
	return do[apitype.CatalogFileList](ctx, c, "GET", catalogFiles, nil)
}

// GetCatalogFile gives a file that operators added to the catalogue, byte for byte. For operators.
func (c *Client) GetCatalogFile(ctx context.Context, name string) ([]byte, error) {
	_, body, err := c.send(ctx, "GET", at(catalogFiles, name), nil)
	return body, err
}

// ApplyCatalogFile adds a file to the catalogue or replaces the one of that name. For operators.
func (c *Client) ApplyCatalogFile(ctx context.Context, name string, content []byte) (*apitype.CatalogFileAnswer, error) {
	return do[apitype.CatalogFileAnswer](ctx, c, "PUT", at(catalogFiles, name), raw(content))
}
