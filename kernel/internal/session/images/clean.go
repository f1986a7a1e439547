package images

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// kept is how many unused images are kept.
const kept = 3

// toolsFile is the file of an image that names the tools it was built with.
const toolsFile = "tools"

// clean removes unused images, except those that were used last, and tools that belong to no image.
// Only the process that makes an image calls it, holding the lock.
func clean(dir string, k keys) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var images []fs.FileInfo
	var tools []string
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil || !e.IsDir():
		case strings.HasPrefix(e.Name(), "image-") && e.Name() != k.image:
			images = append(images, info)
		case strings.HasPrefix(e.Name(), "tools-") && e.Name() != k.tools:
			tools = append(tools, e.Name())
		}
	}
	slices.SortFunc(images, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	used := map[string]bool{}
	for i, info := range images {
		at := filepath.Join(dir, info.Name())
		if i >= kept && time.Since(info.ModTime()) > time.Hour && !held(at) {
			os.RemoveAll(at)
			continue
		}
		if name, err := os.ReadFile(filepath.Join(at, toolsFile)); err == nil {
			used[string(name)] = true
		}
	}
	for _, name := range tools {
		if !used[name] {
			os.RemoveAll(filepath.Join(dir, name))
		}
	}
}
