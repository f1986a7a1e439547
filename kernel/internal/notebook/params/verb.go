package params

import (
	"encoding/json"
	"fmt"
	"io"
)

// Verb answers a question of the papermill plugin, in JSON. For a cell alone it returns the
// declared parameters, for a cell with values the source to inject. It implements the hidden verb
// "params".
func Verb(in io.Reader, out io.Writer) error {
	var question struct {
		Cell   string         `json:"cell"`
		Values map[string]any `json:"values"`
		Dir    string         `json:"dir"` // absolute: the folder that paths among the values are relative to
	}
	d := json.NewDecoder(in)
	d.UseNumber() // 1 and 1.0 are different: only one is an int
	if err := d.Decode(&question); err != nil {
		return fmt.Errorf("kernel: params: %w", err)
	}
	if question.Values == nil {
		declared, err := Declared(question.Cell)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(declared)
	}
	source, err := Inject(question.Cell, question.Values, question.Dir)
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, source)
	return err
}
