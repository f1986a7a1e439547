package arrowfile

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

func TestTypeText(t *testing.T) {
	if got := TypeText(arrow.ListOf(arrow.PrimitiveTypes.Float32)); got != "list<item: float32, nullable>" {
		t.Errorf("got %s", got)
	}
	nested := arrow.StructOf(arrow.Field{Name: "two\nlines" + strings.Repeat("x", 1000),
		Type: arrow.PrimitiveTypes.Int8})
	if got := TypeText(nested); !strings.HasPrefix(got, `struct<two\nlinesxxx`) || len(got) > 100 {
		t.Errorf("got %s", got)
	}
}
