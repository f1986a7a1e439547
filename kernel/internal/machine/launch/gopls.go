package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// hideGopls changes the PATH so that it has no gopls. GoNB would start a gopls that it finds and
// answer through it, with cells waiting behind the questions: the first takes 12 seconds. The
// kernel starts a gopls of its own when somebody is typing.
//
// A folder with gopls may contain anything else too, as /usr/bin does, so it is replaced by a
// folder of links to all its other files, made below links.
func hideGopls(env *env, links string) error {
	dirs := filepath.SplitList(env.get("PATH"))
	for i, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "gopls")); err != nil {
			continue
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
		farm := filepath.Join(links, strconv.Itoa(i))
		if err := os.MkdirAll(farm, 0o700); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
		for _, e := range entries {
			if e.Name() == "gopls" {
				continue
			}
			if err := os.Symlink(filepath.Join(dir, e.Name()), filepath.Join(farm, e.Name())); err != nil {
				return fmt.Errorf("kernel: %w", err)
			}
		}
		dirs[i] = farm
	}
	env.set("PATH", strings.Join(dirs, string(filepath.ListSeparator)))
	return nil
}
