package api

import (
	"bytes"
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func catalogRoutes() []Route {
	const all, files, one = "/v1/catalog", "/v1/catalog/files", "/v1/catalog/files/{file_name}"
	return []Route{
		{get, all, control.GetCatalog, aCatalogFile.any, getCatalog},
		{get, files, control.ListCatalogFiles, aCatalogFile.any, listCatalogFiles},
		{get, one, control.GetCatalogFile, aCatalogFile.one, getCatalogFile},
		{put, one, control.ApplyCatalogFile, aCatalogFile.one, applyCatalogFile},
	}
}

// getCatalog gives all that is in force as one file. It is the same for every organization.
func getCatalog(c *call) (*wire.Answer, error) {
	return &wire.Answer{Status: http.StatusOK, Raw: c.Control.PrintedCatalog(), Revision: c.View().Revision()}, nil
}

func catalogFileToWire(f *iam.CatalogFile) apitype.CatalogFile {
	return apitype.CatalogFile{Name: f.Name, Size: int64(len(f.Content)),
		CreatedAt: apitype.Time{Time: f.CreatedAt}, UpdatedAt: apitype.Time{Time: f.UpdatedAt}}
}

// listCatalogFiles gives all files: there are few.
func listCatalogFiles(c *call) (*wire.Answer, error) {
	out := apitype.CatalogFileList{CatalogFiles: []apitype.CatalogFile{}}
	for f := range c.View().CatalogFiles().All() {
		out.CatalogFiles = append(out.CatalogFiles, catalogFileToWire(f))
	}
	return c.ok(out)
}

// getCatalogFile gives a file byte for byte.
func getCatalogFile(c *call) (*wire.Answer, error) {
	f, err := c.View().CatalogFile(c.R.PathValue(aCatalogFile.param))
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusOK, Raw: []byte(f.Content), Revision: c.View().Revision()}, nil
}

// applyCatalogFile reads a file that is larger than other bodies may be. What is wrong in it is told as it is of files, with
// line and column.
func applyCatalogFile(c *call) (*wire.Answer, error) {
	var b bytes.Buffer
	if err := c.ReadBody(&b, iam.MaxCatalogFile); err != nil {
		return nil, err
	}
	f, revision, err := c.Control.ApplyCatalogFile(c.Ctx(), c.Permit, c.R.PathValue(aCatalogFile.param), b.Bytes())
	if err != nil {
		return nil, err
	}
	body := apitype.CatalogFileAnswer{CatalogFile: catalogFileToWire(f), Revision: apitype.Revision(revision)}
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: revision}, nil
}
