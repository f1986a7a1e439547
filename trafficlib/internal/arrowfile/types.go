package arrowfile

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// TypeText returns the name of a column's type for an error: one line of at most 80 bytes, though
// the names of a nested type are the file's and may hold anything.
func TypeText(t arrow.DataType) string {
	return strings.Trim(fmt.Sprintf("%.80q", t), `"`)
}
