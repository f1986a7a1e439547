package params

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// bits holds the sizes of numeric types, for a 64-bit machine.
var bits = map[string]int{
	"int": 64, "int8": 8, "int16": 16, "int32": 32, "int64": 64, "rune": 32,
	"uint": 64, "uint8": 8, "uint16": 16, "uint32": 32, "uint64": 64, "byte": 8,
	"float32": 32, "float64": 64,
}

// literal returns the Go source for a value of the type, or an error that says why there is none.
func literal(typ string, value any) (string, error) {
	if elem, ok := strings.CutPrefix(typ, "[]"); ok {
		return list(typ, elem, value)
	}
	word, isText := value.(string)
	if number, ok := value.(json.Number); ok {
		word = number.String()
	}
	bad := fmt.Errorf("%s is not a valid %s", show(value), typ)
	switch {
	case typ == "string":
		if !isText {
			// The digits as typed are lost: 007 has become 7.
			return "", fmt.Errorf("%s is not a string (plain papermill passes it as one with -r instead of -p)",
				show(value))
		}
		return strconv.Quote(word), nil
	case typ == "bool":
		if v, ok := value.(bool); ok {
			return strconv.FormatBool(v), nil
		}
		v, err := strconv.ParseBool(word)
		if !isText || err != nil {
			return "", bad
		}
		return strconv.FormatBool(v), nil
	case typ == "time.Duration":
		v, err := time.ParseDuration(word)
		if err != nil {
			return "", fmt.Errorf("%s is not a duration such as 1m30s", show(value))
		}
		return strconv.FormatInt(int64(v), 10), nil
	case bits[typ] == 0:
		return "", fmt.Errorf("a value of type %q can only be changed in the notebook", typ)
	case word == "":
		return "", bad
	case strings.HasPrefix(typ, "float"):
		v, err := strconv.ParseFloat(word, bits[typ])
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return "", bad
		}
		return strconv.FormatFloat(v, 'g', -1, bits[typ]), nil
	case strings.HasPrefix(typ, "uint") || typ == "byte":
		v, err := strconv.ParseUint(word, 0, bits[typ])
		if err != nil {
			return "", bad
		}
		return strconv.FormatUint(v, 10), nil
	default:
		v, err := strconv.ParseInt(word, 0, bits[typ])
		if err != nil {
			return "", bad
		}
		return strconv.FormatInt(v, 10), nil
	}
}

// list returns the source of a slice. A string value is parsed as a JSON list, such as [10, 20].
func list(typ, elem string, value any) (string, error) {
	if word, ok := value.(string); ok {
		in := json.NewDecoder(strings.NewReader(word))
		in.UseNumber()
		if err := in.Decode(&value); err != nil || in.More() {
			return "", fmt.Errorf("%q is not a list such as [1, 2]", word)
		}
	}
	elems, ok := value.([]any)
	if !ok {
		return "", fmt.Errorf("%s is not a list such as [1, 2]", show(value))
	}
	var parts []string
	for _, e := range elems {
		part, err := literal(elem, e)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	return typ + "{" + strings.Join(parts, ", ") + "}", nil
}

// show formats a value for an error message, in one line of at most 80 bytes.
func show(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return "the value"
	}
	if len(data) > 80 {
		return string(data[:77]) + "..."
	}
	return string(data)
}

// absolute returns the path relative to dir. An empty path stays empty: it stands for the
// notebook's own choice.
func absolute(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
