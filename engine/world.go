package engine

import (
	"fmt"

	"github.com/writ-iam/writ/internal/catalog"
)

// catalogOf is what writ knows by itself, and what the files of a bundle add: documents refer to its permission sets, groups and
// products, and HTTP requests are of its rows.
func catalogOf(files []Document) (*catalog.Catalog, error) {
	c := catalog.Builtin()
	for i, file := range files {
		next, err := c.With(file)
		if err != nil {
			return nil, fmt.Errorf("catalog[%d]: %w", i, err)
		}
		c = next
	}
	return c, nil
}
