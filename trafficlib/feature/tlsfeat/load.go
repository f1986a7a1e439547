package tlsfeat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/source"
)

// infoRole is the role of the table with the names of the features, see ReadNames.
const infoRole = "info"

// Load makes one sequence file at dst from the files that have the given roles, captures and
// session files alike, and opens it. Sessions of the first role are normal traffic, without a part
// and a label; those of any other have its name as their part and their label, so that set.Split
// leaves them out. Roles without files are skipped. A folder counts as captures if it holds any.
// The features have the names of the layout, or those in the file of role info, if there is one.
// All files must agree in the number of features.
//
// The text says what was found in captures, a line for each role, and in session files, a line in
// all.
func Load(ctx context.Context, dst string, files source.Files, o Options, roles ...string) (*seq.Set, string, error) {
	l := &loader{ctx: ctx, options: o}
	defer l.close()
	for k, role := range roles {
		if err := l.open(k, role, files.Of(role)); err != nil {
			return nil, "", err
		}
	}
	if len(l.groups) == 0 {
		return nil, "", errors.New("tlsfeat: load: there are no files")
	}
	h := seq.Header{Features: l.features, Lineage: l.lineage()}
	if files.Has(infoRole) && len(files.Of(infoRole)) > 0 {
		names, err := ReadNames(files.Of(infoRole)[0], l.features)
		if err != nil {
			return nil, "", err
		}
		h.Lineage.Names = names
	}
	if err := seq.Write(dst, h, l.addAll); err != nil {
		return nil, "", err
	}
	set, err := seq.Open(dst)
	return set, strings.Join(l.notes, "\n"), err
}

// A loader gathers the files of all roles.
type loader struct {
	ctx      context.Context
	options  Options
	groups   []group
	features int // 0 before the first file
	notes    []string
}

// A group is the files of a role.
type group struct {
	role     string
	about    seq.About
	captures []string
	texts    sessionFiles
}

// open sorts the files of a role into captures and session files.
func (l *loader) open(k int, role string, paths []string) error {
	g := group{role: role}
	if k > 0 {
		g.about = seq.About{Part: role, Label: role}
	}
	var texts []string
	for _, path := range paths {
		is, err := isCapture(path)
		switch {
		case err != nil:
			return fmt.Errorf("tlsfeat: %w", err)
		case is:
			g.captures = append(g.captures, path)
		default:
			texts = append(texts, path)
		}
	}
	var err error
	if len(texts) > 0 {
		g.texts, err = openSessionFiles(texts)
	}
	if len(paths) > 0 {
		l.groups = append(l.groups, g)
	}
	if err != nil {
		return err
	}
	if len(g.captures) > 0 {
		if err := l.width(g.captures[0], Width); err != nil {
			return err
		}
	}
	if len(g.texts.files) > 0 {
		return l.width(g.texts.files[0].path, g.texts.files[0].features)
	}
	return nil
}

func (l *loader) width(path string, features int) error {
	if l.features == 0 {
		l.features = features
	}
	if features != l.features {
		return fmt.Errorf("tlsfeat: %s: %d features, other files have %d", path, features, l.features)
	}
	return nil
}

// lineage returns what is known of the rows: with session files alone, nothing but these.
func (l *loader) lineage() seq.Lineage {
	var out seq.Lineage
	var captures []string
	for _, g := range l.groups {
		captures = append(captures, g.captures...)
		for _, s := range g.texts.files {
			out.Sources = append(out.Sources, seq.Source{Name: filepath.Base(s.path)})
		}
	}
	if l.features == Width {
		out.Names = Names()
	}
	if len(captures) > 0 {
		made := lineage(l.options, captures)
		made.Sources = append(made.Sources, out.Sources...)
		return made
	}
	return out
}

func (l *loader) addAll(w *seq.Writer) error {
	texts := 0
	for _, g := range l.groups {
		about := g.about
		if len(g.captures) > 0 {
			e, err := addSessions(l.ctx, w, l.options, g.captures, about)
			if err != nil {
				return err
			}
			about.Origin += int(e.Sessions)
			l.notes = append(l.notes, fmt.Sprintf("%s: %v; %v", g.role, e.Report, e.Capture))
		}
		if len(g.texts.files) > 0 {
			if err := g.texts.addTo(l.ctx, w, about); err != nil {
				return err
			}
			for _, s := range g.texts.files {
				texts += s.Len()
			}
		}
	}
	if texts > 0 {
		l.notes = append(l.notes, fmt.Sprintf("%d sessions of session files", texts))
	}
	return nil
}

func (l *loader) close() {
	for _, g := range l.groups {
		g.texts.close()
	}
}

// isCapture reports whether a path is a capture, or a folder that has some.
func isCapture(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_, err := capture.Find(path)
		return err == nil, nil
	}
	if capture.IsName(path) { // if it is empty or damaged, its error must say so: it is not a session file
		return true, nil
	}
	begin := make([]byte, 4)
	n, err := io.ReadFull(f, begin)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, err
	}
	return capture.Sniff(begin[:n]), nil
}
