package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
	"github.com/trafficlab/trafficlab/kernel/internal/oneline"
)

// mostLines is the maximum length of a cell, so that it can be read at a glance.
const mostLines = 12

type report func(rule, format string, args ...any)

func tagged(c notebook.Cell, tag string) bool { return slices.Contains(c.Tags, tag) }

func checkTags(c notebook.Cell, report report) {
	for _, tag := range c.Tags {
		if !slices.Contains(tags, tag) {
			report("tags", "tag %q is unknown to the kernel: remove it, or use one of %s", tag,
				strings.Join(tags, ", "))
		}
	}
	if tagged(c, "injected-parameters") {
		report("tags", "a cell of a headless run was kept: remove it (run --inplace leaves it out)")
	}
}

// checkGo checks the declarations of a cell, and reports whether it has imports.
func checkGo(c notebook.Cell, report report) (imports bool) {
	declarations, body := split(c.Source)
	file, err := parser.ParseFile(token.NewFileSet(), "", declarations, parser.SkipObjectResolution)
	if err != nil {
		if body {
			return false
		}
		// neither declarations nor statements
		if _, bare := cellsource.Compose(c.Source, nil); bare != nil {
			report("syntax", "is not Go: %v", oneline.First(bare.Error()))
			return false
		}
		checkLength(c, report)
		return false
	}
	settings := tagged(c, "parameters") || tagged(c, "injected-parameters")
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			report("func", "declares the function %s, which every later cell compiles and links: put it into a "+
				"package, or into the cell's body", d.Name.Name)
		case *ast.GenDecl:
			imports = checkDecl(d, settings, report) || imports
		}
	}
	if !imports && !settings {
		checkLength(c, report)
	}
	return imports
}

func checkLength(c notebook.Cell, report report) {
	if n := lines(c.Source); n > mostLines {
		report("length", "%d lines, at most %d: move long code into trafficlib, with a test, or split the cell", n,
			mostLines)
	}
}

func checkDecl(d *ast.GenDecl, settings bool, report report) (imports bool) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.ImportSpec:
			imports = true
			path, _ := strconv.Unquote(spec.Path.Value)
			switch {
			case spec.Name != nil && spec.Name.Name == "_":
				report("import", "imports %s as _, which every later cell links whether it needs it or not: import "+
					"it in the package that needs it", path)
			case spec.Name != nil && spec.Name.Name == ".":
				report("import", "imports %s as ., so that a reader cannot tell which package a name is from: "+
					"import it under its name", path)
			}
		case *ast.ValueSpec:
			if d.Tok == token.VAR && !settings {
				report("var", "declares the variable %s outside of %%%%, which every later cell sets again: put it "+
					"below %%%%, or pass it on in a file below nb.Work()", spec.Names[0].Name)
			}
			if d.Tok == token.VAR && settings && (spec.Type == nil || len(spec.Values) == 0) {
				report("parameters", "%s has no type or no value: write it as `%s string = \"…\"`, so that a run "+
					"can set it", spec.Names[0].Name, spec.Names[0].Name)
			}
		}
	}
	return imports
}

// split returns the declarations of a cell, which come before %%, as a Go file, and reports whether
// the cell has a body.
func split(source string) (declarations string, body bool) {
	var kept []string
	for line := range strings.Lines(source) {
		if t := strings.TrimSpace(line); t == "%%" || strings.HasPrefix(t, "%% ") || t == "%main" {
			body = true
			break
		}
		kept = append(kept, line)
	}
	return notebook.GoSource(strings.Join(kept, "")), body
}

// lines counts the lines of code of a cell, without empty lines and %%.
func lines(source string) (n int) {
	for line := range strings.Lines(source) {
		if t := strings.TrimSpace(line); t != "" && t != "%%" {
			n++
		}
	}
	return n
}

var (
	// An absolute path: at least two names, at the beginning of a word.
	absolutePath = regexp.MustCompile(`(?:^|[\s"'(=:])(/(?:[\w.@+-]+/)+[\w.@+-]+|[A-Z]:\\\\?\w[\w\\.-]*)`)
	// A date in the common formats, of the years in which notebooks are run: the notebooks' data is
	// older than 2024. An all-digit date only with a time, since a version may look like a date.
	clockTime = regexp.MustCompile(`\b` + year + `-\d\d-\d\d[T ]\d\d:\d\d|\b` + year + `/\d\d/\d\d \d\d:\d\d` +
		`|\b` + month + ` +\d{1,2},? (?:\d\d:\d\d:\d\d (?:[A-Z]+ )?)?` + year + `\b|\b\d{1,2} ` + month + ` ` +
		year + `\b`)
)

const (
	year  = `20(?:2[4-9]|[3-9]\d)`
	month = `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*`
)

// checkKept checks the outputs that a cell keeps.
func checkKept(c notebook.Cell, report report) {
	kept := c.Plain + "\n" + strings.ReplaceAll(c.Rich, ">", "> ") // a tag ends a word
	if m := absolutePath.FindStringSubmatch(kept); m != nil {
		report("output", "keeps the path %s of one machine: print only its filepath.Base, or nothing", m[1])
	}
	if m := clockTime.FindString(kept); m != "" {
		report("output", "keeps the time of one run, %s: leave it out of what is printed", m)
	}
	if c.Timed {
		report("output", "keeps the time at which it ran: refresh the outputs with run --inplace, which leaves it out")
	}
}
