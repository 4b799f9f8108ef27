package api

import (
	"bytes"
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
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
func getCatalog(c *call) (*answer, error) {
	return &answer{status: http.StatusOK, raw: c.Control.PrintedCatalog(), revision: c.view().Revision()}, nil
}

func catalogFileToWire(f *iam.CatalogFile) apitype.CatalogFile {
	return apitype.CatalogFile{Name: f.Name, Size: int64(len(f.Content)),
		CreatedAt: apitype.Time{Time: f.CreatedAt}, UpdatedAt: apitype.Time{Time: f.UpdatedAt}}
}

// listCatalogFiles gives all files: there are few.
func listCatalogFiles(c *call) (*answer, error) {
	out := apitype.CatalogFileList{CatalogFiles: []apitype.CatalogFile{}}
	for f := range c.view().CatalogFiles().All() {
		out.CatalogFiles = append(out.CatalogFiles, catalogFileToWire(f))
	}
	return c.ok(out)
}

// getCatalogFile gives a file byte for byte.
func getCatalogFile(c *call) (*answer, error) {
	f, err := c.view().CatalogFile(c.r.PathValue(aCatalogFile.param))
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, raw: []byte(f.Content), revision: c.view().Revision()}, nil
}

// applyCatalogFile reads a file that is larger than other bodies may be. What is wrong in it is told as it is of files, with
// line and column.
func applyCatalogFile(c *call) (*answer, error) {
	var b bytes.Buffer
	if err := c.body(&b, iam.MaxCatalogFile); err != nil {
		return nil, err
	}
	f, revision, err := c.Control.ApplyCatalogFile(c.ctx(), c.permit, c.r.PathValue(aCatalogFile.param), b.Bytes())
	if err != nil {
		return nil, err
	}
	body := apitype.CatalogFileAnswer{CatalogFile: catalogFileToWire(f), Revision: apitype.Revision(revision)}
	return &answer{status: http.StatusOK, body: body, revision: revision}, nil
}
