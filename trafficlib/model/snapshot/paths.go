package snapshot

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// sortBySteps sorts by the number in the name: past step 999,999 the names are no longer of one
// length.
func sortBySteps(paths []string) {
	step := func(path string) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(path), "step-"))
		return n
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Compare(step(a), step(b)) })
}

// escape makes a path mean itself in a pattern.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func cutPrefix(name string) (string, bool) { return strings.CutPrefix(name, slotPrefix) }

// jsonPlace says in one line where JSON went wrong.
func jsonPlace(text []byte, err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("byte %d of %d: %v", syntax.Offset, len(text), err)
	}
	return err.Error()
}

func writeSynced(path string, data []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}
