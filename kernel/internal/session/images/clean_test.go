package images

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Images that are old and unused are removed, and so are tools that belong to no image.
func TestClean(t *testing.T) {
	if !Supported {
		t.Skip("sessions need linux/amd64")
	}
	dir := t.TempDir()
	add := func(image, tools string, age time.Duration) {
		write(t, dir, image+"/index.json", "{}")
		write(t, dir, image+"/"+toolsFile, tools)
		write(t, dir, tools+"/link", "")
		at := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(dir, image), at, at); err != nil {
			t.Fatal(err)
		}
	}
	add("image-now", "tools-now", 0)
	add("image-a", "tools-a", 2*time.Hour)
	add("image-b", "tools-b", 3*time.Hour)
	add("image-c", "tools-b", 4*time.Hour)
	add("image-held", "tools-held", 5*time.Hour)
	add("image-old", "tools-old", 6*time.Hour)
	write(t, dir, "tools-none/link", "")
	hold(filepath.Join(dir, "image-held"))
	clean(dir, keys{image: "image-now", tools: "tools-now"})
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want := []string{"image-a", "image-b", "image-c", "image-held", "image-now", "tools-a", "tools-b", "tools-held",
		"tools-now"}
	if !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
}
